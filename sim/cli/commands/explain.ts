import { explain } from '../../../reports/explain.ts';
import { coloursFor } from '../../../reports/terminal.ts';
import { fileSource } from '../../../reports/trace/source.ts';
import type { Format } from '../usage.ts';

export interface ExplainFlags {
  readonly namespace?: string;
  readonly node?: string;
  readonly full?: boolean;
  readonly format: Format;
}

/** `wavetank explain`: prints the causal chain of an object's life. */
export function explainObject(
  target: string,
  trace: string,
  { namespace, node, full = false, format }: ExplainFlags,
): void {
  const source = fileSource(trace);
  try {
    const colours = coloursFor(process.stdout);
    const width = process.stdout.isTTY ? { width: process.stdout.columns } : {};
    process.stdout.write(explain(source, { target, namespace, node, full, format, colours, ...width }));
  } finally {
    source.close();
  }
}
