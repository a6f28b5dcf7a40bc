/** Files of a user's own code, in TypeScript or JavaScript: plugins of the scheduler, controllers. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { refuse, startOf, type Position } from '../input/problem.ts';

export interface UserFile {
  readonly file: string;
  /** Where a scenario names it. */
  readonly named?: Position | undefined;
}

/** What a file exports. Throws BadInput. */
export async function moduleAt({ file, named }: UserFile): Promise<object> {
  const path = resolve(file);
  if (!existsSync(path))
    refuse(named ?? startOf(file), named === undefined ? 'no such file' : `${file}: no such file`);
  if (!statSync(path).isFile()) refuse(named ?? startOf(file), `${file}: is no file`);
  const { tsImport } = await import('tsx/esm/api');
  try {
    return exportsOf((await tsImport(pathToFileURL(path).href, import.meta.url)) as object);
  } catch (error) {
    return refuse(startOf(file), `cannot be loaded: ${firstLine(error, file)}`);
  }
}

/** esbuild tells of several problems, each with its place, on lines of their own: the first one that says something. */
function firstLine(error: unknown, file: string): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const placed = lines.find((line) => /:\d+:\d+: ERROR: /.test(line));
  if (placed === undefined) return lines[0] ?? file;
  const [, line, column, message] = /:(\d+):(\d+): ERROR: (.*)$/.exec(placed) ?? [];
  return refuse({ file, line: Number(line), column: Number(column) + 1 }, message ?? placed);
}

/** What a CommonJS file exports is its default. */
function exportsOf(loaded: object): object {
  const inner = 'default' in loaded ? loaded.default : undefined;
  return typeof inner === 'object' && inner !== null ? { ...inner, ...loaded } : loaded;
}
