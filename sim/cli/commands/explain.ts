import { explain } from '../../../reports/explain.ts';
import { coloursFor } from '../../../reports/terminal.ts';
import { readHeader } from '../../../reports/trace/reader.ts';
import { fileSource, type TraceSource } from '../../../reports/trace/source.ts';
import { BadInput } from '../../input/problem.ts';
import type { LoadedPlugin } from '../../cluster/spec.ts';
import type { Format } from '../usage.ts';

export interface ExplainFlags {
  readonly namespace?: string;
  readonly node?: string;
  readonly full?: boolean;
  readonly format: Format;
}

/** `wavetank explain`: prints the causal chain of an object's life. */
export async function explainObject(
  target: string,
  trace: string,
  { namespace, node, full = false, format }: ExplainFlags,
): Promise<void> {
  const source = fileSource(trace);
  try {
    const plugins = await pluginsOf(source);
    const colours = coloursFor(process.stdout);
    const width = process.stdout.isTTY ? { width: process.stdout.columns } : {};
    process.stdout.write(
      explain(source, { target, namespace, node, plugins, full, format, colours, ...width }),
    );
  } finally {
    source.close();
  }
}

/** The plugins that the run's scheduler had beside its own, from where they were then. */
async function pluginsOf(source: TraceSource): Promise<readonly LoadedPlugin[]> {
  const files = readHeader(source).scheduler?.plugins ?? [];
  if (files.length === 0) return [];
  const { loadPlugins } = await import('../../scenario/scheduler-plugins.ts');
  try {
    return await loadPlugins(files.map((file) => ({ file })));
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    process.stderr.write(`${error.message}: the run's attempts are told as far as the trace has them\n`);
    return [];
  }
}
