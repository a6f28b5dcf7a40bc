import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileSink, type TraceSink } from '../trace/sink.ts';
import { UsageError } from './usage.ts';

/** The sink for `--trace FILE`, unless writing there would be a mistake. */
export function traceFile(path: string, inputs: readonly string[]): TraceSink {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw new UsageError(`--trace ${path}: is a directory`);
    const real = realpathSync(path);
    if (inputs.some((input) => existsSync(input) && realpathSync(input) === real))
      throw new UsageError(`--trace ${path}: is one of the files to run; it would be overwritten`);
  } else if (!existsSync(dirname(path)))
    throw new UsageError(`--trace ${path}: no such directory ${dirname(path)}`);
  try {
    return fileSink(path);
  } catch (error) {
    throw new UsageError(`--trace ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
