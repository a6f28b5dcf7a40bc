import { get } from '../../../reports/get/get.ts';
import { watch } from '../../../reports/get/watch.ts';
import { coloursFor } from '../../../reports/terminal.ts';
import { fileSource } from '../../../reports/trace/source.ts';
import { exitStatus } from '../failure.ts';
import { timeOption, UsageError, type Format } from '../usage.ts';

export interface GetFlags {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly selector: string;
  readonly fieldSelector: string;
  readonly labelColumns?: readonly string[];
  readonly showLabels?: boolean;
  readonly sortBy?: string;
  readonly headers: boolean;
  readonly showManagedFields?: boolean;
  readonly ignoreNotFound?: boolean;
  readonly at?: string;
  readonly watch?: boolean;
  readonly until?: string;
  readonly format: Format;
}

/** `wavetank get`: prints what kubectl would have, and answers with the exit status. */
export function getFromTrace(words: readonly string[], flags: GetFlags): number {
  const trace = words.at(-1);
  if (trace === undefined || words.length < 2)
    throw new UsageError('get: name a kind and then the trace, as in `get pods run.trace`');
  const at = flags.at === undefined ? undefined : timeOption('--at', flags.at);
  const until = flags.until === undefined ? undefined : timeOption('--until', flags.until);
  if (until !== undefined && flags.watch !== true)
    throw new UsageError('--until: it says where --watch ends');
  const { headers, selector, format, ...others } = flags;
  const source = fileSource(trace);
  try {
    const { text, warnings, notes, failure } = (flags.watch === true ? watch : get)(source, {
      ...others,
      words: words.slice(0, -1),
      output: outputIn(flags.output, format),
      labelSelector: selector,
      noHeaders: !headers,
      at,
      until,
      colours: coloursFor(process.stdout),
    });
    for (const warning of warnings) process.stderr.write(`${warning}\n`);
    process.stdout.write(text);
    for (const note of notes) process.stderr.write(`${note}\n`);
    return failure === undefined
      ? exitStatus.held
      : failure === 'notFound'
        ? exitStatus.failed
        : exitStatus.badInput;
  } finally {
    source.close();
  }
}

function outputIn(output: string | undefined, format: Format): string | undefined {
  if (format === 'text') return output;
  if (output !== undefined && output !== 'json')
    throw new UsageError(`--format json and -o ${output}: they ask for different things`);
  return 'json';
}
