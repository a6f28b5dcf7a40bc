/**
 * The front page: how one Pod came to be, as a sequence diagram computed from the trace of the run. kubectl, the
 * apiserver, etcd, the controller managers, the scheduler and the kubelet are lifelines; the last lines say where a
 * connection to its Service leads.
 */
import type { ChalkInstance } from 'chalk';
import { drawRows } from './flow/draw.ts';
import { rowsOf } from './flow/rows.ts';
import { destinationsOf, destinationLines } from './flow/destination.ts';
import { needlesFor, storyOf } from './story/story.ts';
import { clockText, noColours } from './terminal.ts';
import { parseRecord } from './trace/event.ts';
import { lineText, linesOf } from './trace/lines.ts';
import { namedBy, shortName, type Named } from './trace/names.ts';
import type { TraceSource } from './trace/source.ts';
import { indexTrace } from './trace/trace-index.ts';
import { isWrite } from './trace/registry.ts';

export interface FlowOptions {
  /** `web-abc` or `namespace/web-abc`. @default the first Pod that was created */
  readonly pod?: string | undefined;
  readonly format?: 'text' | 'json';
  /** @default no colours */
  readonly colours?: ChalkInstance;
}

/** How a Pod came to be, message by message. */
export function flow(source: TraceSource, options: FlowOptions = {}): string {
  const { format = 'text', colours: c = noColours } = options;
  const pod = podOf(source, options.pod);
  if (pod === undefined)
    return format === 'json'
      ? '{"pod":null,"rows":[]}\n'
      : `${options.pod === undefined ? 'No Pod was' : `No Pod ${options.pod} was ever`} created in this run.\n`;
  const key = pod.info.registryPrefix + pod.objectKey;
  const index = indexTrace(source, { needles: needlesFor(pod) });
  const story = storyOf(index, key);
  const rows = rowsOf(index, story);
  const destinations = destinationsOf(source, story);
  if (format === 'json') return JSON.stringify({ pod: pod.objectKey, rows, destinations }, null, 2) + '\n';
  const title = `How ${shortName(key)} came to be`;
  const last = rows.findLast((row) => 'at' in row && row.at !== undefined);
  const took =
    last !== undefined && 'at' in last && last.at !== undefined
      ? `, the last of it at ${clockText(last.at)}`
      : '';
  return [
    '',
    `  ${c.bold(title)}${c.dim(` (virtual time${took})`)}`,
    '',
    ...drawRows(rows, c),
    '',
    ...destinationLines(destinations, c),
    '',
  ].join('\n');
}

const podPrefix = '/registry/pods/';

/** The Pod of a name, or the first one whose creation the trace has. */
function podOf(source: TraceSource, wanted: string | undefined): Named | undefined {
  for (const line of linesOf(source, [`"key":"${podPrefix}`])) {
    if (!line.hit) continue;
    const record = parseRecord(lineText(line));
    if (typeof record !== 'object' || !isWrite(record) || !('put' in record)) continue;
    const named = namedBy(record.key);
    if (named !== undefined && (wanted === undefined || named.name === wanted || named.objectKey === wanted))
      return named;
  }
  return undefined;
}
