/** A user's scheduler plugins: TypeScript or JavaScript files, each with `export const plugin` or `export const plugins`. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { otherSchedulers } from '../../core/scheduler/other-schedulers.ts';
import { pointOfMethod, type SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';
import type { LoadedPlugin } from '../cluster/spec.ts';
import { refuse, shown, startOf, type Position } from './problem.ts';
import { pluginNames } from './scheduler-config/plugins.ts';

export interface PluginFile {
  readonly file: string;
  /** Where a scenario names it. */
  readonly named?: Position | undefined;
}

/** Loads the files, in order. Throws BadInput. */
export async function loadPlugins(files: readonly PluginFile[]): Promise<readonly LoadedPlugin[]> {
  const loaded: LoadedPlugin[] = [];
  for (const { file, named } of files)
    for (const plugin of pluginsOf(file, await moduleAt(file, named))) {
      refuseTaken(file, plugin, loaded);
      loaded.push({ file, plugin });
    }
  return loaded;
}

async function moduleAt(file: string, named: Position | undefined): Promise<object> {
  const path = resolve(file);
  if (!existsSync(path))
    refuse(named ?? startOf(file), named === undefined ? 'no such file' : `${file}: no such file`);
  if (!statSync(path).isFile()) refuse(named ?? startOf(file), `${file}: is no file`);
  const { tsImport } = await import('tsx/esm/api');
  try {
    return (await tsImport(pathToFileURL(path).href, import.meta.url)) as object;
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

/** What a module exports as `plugin`, or as `plugins`. */
function pluginsOf(file: string, exported: object): readonly SchedulerPlugin[] {
  // What a CommonJS file exports is its default.
  const inner = 'default' in exported && isObject(exported.default) ? exported.default : {};
  const { plugin, plugins } = { ...inner, ...exported } as { plugin?: unknown; plugins?: unknown };
  if (plugin === undefined && plugins === undefined)
    refuse(
      startOf(file),
      'exports no scheduler plugin; expected `export const plugin = { name, … }`, or `plugins` as a list',
    );
  if (plugins !== undefined && !Array.isArray(plugins))
    refuse(startOf(file), `exports ${shown(plugins)} as plugins; expected a list`);
  const all: readonly unknown[] = [
    ...(plugin === undefined ? [] : [plugin]),
    ...((plugins ?? []) as unknown[]),
  ];
  return all.map((each) => checked(file, each));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const methods = [...Object.keys(pointOfMethod), 'configured', 'changed', 'normalize', 'mayHelp'];
const points = Object.keys(pointOfMethod);

function checked(file: string, value: unknown): SchedulerPlugin {
  const fail = (message: string): never => refuse(startOf(file), message);
  if (!isObject(value))
    return fail(`exports ${shown(value)} as a plugin; expected an object with a name and methods`);
  const parts = value as Readonly<Record<string, unknown>>;
  const { name } = parts;
  if (typeof name !== 'string' || name === '')
    return fail(`exports a plugin without a name; expected a text, found ${shown(name)}`);
  const wrong = methods.find((method) => parts[method] !== undefined && typeof parts[method] !== 'function');
  if (wrong !== undefined) fail(`plugin ${name}: ${wrong} is ${shown(parts[wrong])}; expected a function`);
  if (!points.some((method) => parts[method] !== undefined))
    fail(`plugin ${name} takes part nowhere; expected at least one of ${points.join(', ')}`);
  return value as SchedulerPlugin;
}

function refuseTaken(file: string, { name }: SchedulerPlugin, before: readonly LoadedPlugin[]): void {
  const same = before.find(({ plugin }) => plugin.name === name);
  if (same !== undefined)
    refuse(startOf(file), `plugin ${name}: the name is taken by the plugin of ${same.file}`);
  if (pluginNames(otherSchedulers).includes(name))
    refuse(startOf(file), `plugin ${name}: the name is taken by one of the scheduler's own`);
}
