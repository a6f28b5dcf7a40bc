/**
 * One picture of a replay, as a value: a function of the index, the cursor and the size of the screen. The screen only
 * draws it.
 */
import { eventText, messageAt } from '../story/describe.ts';
import { changeText } from '../story/change.ts';
import { clockText } from '../terminal.ts';
import { shortName } from '../trace/names.ts';
import { isWrite } from '../trace/registry.ts';
import { eventAt, kindAt, processName, recordsAt } from '../trace/trace-index.ts';
import { speeds, type Cursor } from './cursor.ts';
import { phases, type Counts, type NodeMark, type Phase } from './picture.ts';
import { pictureAt, type ReplayIndex } from './replay-index.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A bar's cells, one for `podsPerCell` Pods. */
export interface Bar {
  readonly name: string;
  readonly state: 'ready' | 'not ready' | 'cordoned' | 'gone' | 'none';
  readonly pods: number;
  readonly podsPerCell: number;
  readonly cells: readonly Phase[];
}

export interface FrameMessage {
  readonly from: string | undefined;
  readonly to: string;
  readonly text: string;
  /** When it arrives. */
  readonly at: string;
}

export interface LogLine {
  readonly event: number;
  readonly at: string;
  readonly process: string;
  readonly text: string;
  /** A hop on the way, a thing heard, a deed. */
  readonly weight: 'hop' | 'heard' | 'deed';
  readonly atHand: boolean;
}

export interface Frame {
  readonly size: Size;
  readonly scenario: string;
  readonly seed: string;
  readonly clock: string;
  readonly end: string;
  /** 0..1 */
  readonly progress: number;
  readonly playing: boolean;
  readonly speed: number;
  readonly event: number;
  readonly events: number;
  readonly revision: number;
  readonly counts: Counts;
  readonly unscheduled: Bar | undefined;
  readonly nodes: readonly Bar[];
  readonly nodesAbove: number;
  readonly nodesBelow: number;
  readonly atHand: FrameMessage | undefined;
  /** What the event at hand wrote. */
  readonly written: readonly string[];
  /** What it caused, in the order of arrival. */
  readonly caused: readonly FrameMessage[];
  readonly causedMore: number;
  readonly log: readonly LogLine[];
  readonly jump: string | undefined;
  readonly notice: string;
}

/** Lines that are neither nodes nor log: title, clock, progress, legend, three headings, the event at hand and keys. */
const fixedRows = 12;
const mostCaused = 4;

/** The frame at a cursor. */
export function frameOf(index: ReplayIndex, cursor: Cursor, size: Size): Frame {
  const { trace } = index;
  const picture = pictureAt(index, cursor.event);
  const effects = index.effects.of(cursor.event);
  const flexible = Math.max(4, size.rows - fixedRows - mostCaused);
  const nodeRows = Math.min(picture.nodes.size, Math.max(2, flexible >> 1));
  const firstNode = Math.max(0, Math.min(cursor.firstNode, picture.nodes.size - nodeRows));
  const end = trace.at[trace.events] ?? 0;
  return {
    size,
    scenario: trace.header.scenario,
    seed: trace.header.seed,
    clock: clockText(cursor.clock),
    end: clockText(end),
    progress: end === 0 ? 1 : cursor.clock / end,
    playing: cursor.playing,
    speed: speeds[cursor.speed] ?? 1,
    event: cursor.event,
    events: trace.events,
    revision: picture.revision,
    counts: picture.counts,
    unscheduled:
      picture.unscheduled.size === 0
        ? undefined
        : barOf('unscheduled', 'none', [...picture.unscheduled.values()], size),
    nodes: barsFrom(index, cursor, firstNode, nodeRows, size),
    nodesAbove: firstNode,
    nodesBelow: Math.max(0, picture.nodes.size - firstNode - nodeRows),
    atHand: cursor.event === 0 ? undefined : messageOf(index, cursor.event),
    written: recordsAt(trace, cursor.event)
      .filter(isWrite)
      .map((write) =>
        [shortName(write.key), changeText(write, undefined)].filter((text) => text !== '').join(': '),
      ),
    caused: [...effects.subarray(0, mostCaused)].map((id) => messageOf(index, id)),
    causedMore: Math.max(0, effects.length - mostCaused),
    log: logOf(index, cursor.event, flexible - nodeRows),
    jump: cursor.jump,
    notice:
      cursor.notice || (trace.truncated && cursor.event === trace.events ? 'the trace was cut off here' : ''),
  };
}

/** Columns beside a bar: the node's name, its state, and its count. */
export const barMargin = 28;

function barsFrom(
  index: ReplayIndex,
  cursor: Cursor,
  first: number,
  count: number,
  size: Size,
): readonly Bar[] {
  const { nodes } = pictureAt(index, cursor.event);
  return Array.from({ length: count }, (_, i) => nodes.at(first + i))
    .filter((entry) => entry !== undefined)
    .map(([name, node]) => barOf(name, stateOf(node), [...node.pods.values()], size));
}

function stateOf(node: NodeMark): Bar['state'] {
  if (!node.known) return 'gone';
  if (!node.ready) return 'not ready';
  return node.cordoned ? 'cordoned' : 'ready';
}

/** A cell for each Pod in the order of names; where they are too many, cells in proportion, phase by phase. */
function barOf(name: string, state: Bar['state'], pods: readonly Phase[], size: Size): Bar {
  const room = Math.max(4, size.columns - barMargin);
  const podsPerCell = Math.max(1, Math.ceil(pods.length / room));
  if (podsPerCell === 1) return { name, state, pods: pods.length, podsPerCell, cells: pods };
  const cells = phases.flatMap((phase) => {
    const count = pods.reduce((sum, pod) => sum + (pod === phase ? 1 : 0), 0);
    return new Array<Phase>(Math.ceil(count / podsPerCell)).fill(phase);
  });
  return { name, state, pods: pods.length, podsPerCell, cells: cells.slice(0, room) };
}

const messageOf = (index: ReplayIndex, id: number): FrameMessage => ({
  ...messageAt(index.trace, id),
  at: clockText(index.trace.at[id] ?? 0),
});

/** The events up to the one at hand. */
function logOf(index: ReplayIndex, event: number, lines: number): readonly LogLine[] {
  const { trace } = index;
  const count = Math.max(0, Math.min(lines, event));
  return Array.from({ length: count }, (_, i): LogLine => {
    const id = event - count + 1 + i;
    return {
      event: id,
      at: clockText(trace.at[id] ?? 0),
      process: processName(trace, trace.process[id] ?? 0),
      text: eventText(eventAt(trace, id)),
      weight: weightOf(index, id),
      atHand: id === event,
    };
  });
}

function weightOf({ trace }: ReplayIndex, id: number): LogLine['weight'] {
  switch (kindAt(trace, id)) {
    case 'request':
    case 'fault':
    case 'start':
    case 'etcd':
      return 'deed';
    case 'watch':
    case 'answer':
    case 'timer':
    case 'watchClosed':
      return 'heard';
    case 'etcdAnswer':
    case 'etcdWatch':
    case 'openWatch':
    case 'unwatch':
    case 'openEtcdWatch':
    case 'closeEtcdStream':
    case 'etcdWatchClosed':
      return 'hop';
  }
}
