/**
 * Two transcripts of one scenario, compared line by line. Times are compared where lines agree: within 1 s or 10 % of
 * what had passed since the turn began, so a delay that a controller's timer makes must be right, and milliseconds are
 * free. Where the machine of the recording was late itself, lines of that turn may be as late (lateness.ts). A line
 * that lies beside the beginning of a turn may be in the one or the other.
 */
import type { Chapter, Line, Turns } from './transcript.ts';

/** A line of the recording beside one of the run. */
export interface Row {
  readonly turn: number;
  readonly recorded: string | undefined;
  readonly run: string | undefined;
  readonly agrees: boolean;
}

export interface ComparedChapter {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** When the recording ends, its turns, and how late its machine was in each, in milliseconds. */
export interface Frame {
  readonly turns: Turns;
  readonly end: number;
  readonly lateness: readonly number[];
}

export function compared(
  recorded: readonly Chapter[],
  run: readonly Chapter[],
  frame: Frame,
): readonly ComparedChapter[] {
  const titles = [...new Set([...recorded, ...run].map(({ title }) => title))];
  return titles.map((title) => {
    const ours = recorded.find((chapter) => chapter.title === title);
    const theirs = run.find((chapter) => chapter.title === title);
    const { order, retryAfter = 0 } = ours ?? theirs ?? { order: 'any' };
    const pairing = { left: ours?.lines ?? [], right: theirs?.lines ?? [], frame, retryAfter };
    return { title, rows: rowsOf(title, order, pairing) };
  });
}

interface Pairing {
  readonly left: readonly Line[];
  readonly right: readonly Line[];
  readonly frame: Frame;
  readonly retryAfter: number;
}

function rowsOf(title: string, order: Chapter['order'], pairing: Pairing): readonly Row[] {
  if (order === 'kept') return inOrder(pairing);
  if (order === 'within') return within(pairing);
  return title === 'At rest' ? atRestOnly(pairing) : inAnyOrder(pairing);
}

const keyOf = ({ turn, text }: Line): string => `${turn} ${text}`;

/** Each turn's lines as a multiset: equal texts are paired in the order of their times. */
function inAnyOrder(pairing: Pairing): readonly Row[] {
  const left = [...pairing.left].sort(byTime);
  const waiting = new Map<string, Line[]>();
  for (const line of [...pairing.right].sort(byTime)) {
    const lines = waiting.get(keyOf(line)) ?? [];
    lines.push(line);
    waiting.set(keyOf(line), lines);
  }
  const pairs: (readonly [Line | undefined, Line | undefined])[] = left.map((line) => [
    line,
    waiting.get(keyOf(line))?.shift(),
  ]);
  const alone = new Set([...waiting.values()].flat());
  const beside = pairs.map(([line, found]): readonly [Line | undefined, Line | undefined] => {
    if (line === undefined || found !== undefined) return [line, found];
    const near = [...alone].find((other) => areBesideATurn(line, other, pairing.frame));
    if (near !== undefined) alone.delete(near);
    return [line, near];
  });
  return [...beside, ...[...alone].map((line) => [undefined, line] as const)]
    .sort(([a, b], [c, d]) => ((a ?? b)?.turn ?? 0) - ((c ?? d)?.turn ?? 0))
    .flatMap(([line, other]) => rowOf(line, other, pairing));
}

const byTime = (a: Line, b: Line): number => (a.at ?? 0) - (b.at ?? 0);

/** How far from the beginning of a turn a line may be in the turn before it on one side. */
const besideATurn = 500;

function areBesideATurn(left: Line, right: Line, { turns }: Frame): boolean {
  if (left.text !== right.text || Math.abs(left.turn - right.turn) !== 1) return false;
  const began = turns[Math.min(left.turn, right.turn)] ?? 0;
  const near = ({ at }: Line): boolean => at !== undefined && Math.abs(at - began) <= besideATurn;
  return near(left) && near(right);
}

/** A status that has changed shortly before the turn's end was not at rest. */
function atRestOnly(pairing: Pairing): readonly Row[] {
  const { turns } = pairing.frame;
  const titleOf = ({ text }: Line): string => text.slice(0, text.indexOf(': '));
  const restless = new Set(
    [...pairing.left, ...pairing.right]
      .filter(({ turn, at }) => (turns[turn] ?? Infinity) - (at ?? 0) <= besideATurn)
      .map((line) => `${line.turn} ${titleOf(line)}`),
  );
  const resting = (lines: readonly Line[]): readonly Line[] =>
    lines
      .filter((line) => !restless.has(`${line.turn} ${titleOf(line)}`))
      .map(({ turn, text }) => ({ turn, text }));
  return inAnyOrder({ ...pairing, left: resting(pairing.left), right: resting(pairing.right) });
}

/** What the run says must have been said; and where something was said, the run says something. */
function within({ left, right }: Pairing): readonly Row[] {
  const said = new Set(left.map(keyOf));
  const known = right.map((line): Row => {
    const agrees = said.has(keyOf(line));
    return { turn: line.turn, recorded: agrees ? line.text : undefined, run: line.text, agrees };
  });
  const subjectOf = ({ turn, text }: Line): string => `${turn} ${text.slice(0, text.indexOf(': '))}`;
  const subjects = new Set(right.map(subjectOf));
  const silent = left.filter((line) => !subjects.has(subjectOf(line)));
  return [
    ...known,
    ...silent.map(({ turn, text }) => ({ turn, recorded: text, run: undefined, agrees: false })),
  ];
}

function rowOf(left: Line | undefined, right: Line | undefined, pairing: Pairing): readonly Row[] {
  const line = left ?? right;
  if (line === undefined) return [];
  if (left === undefined || right === undefined) {
    if (line.brief === true) return [];
    // The recorder had gone.
    if (left === undefined && line.at !== undefined && line.at > pairing.frame.end) return [];
    return [{ turn: line.turn, recorded: shown(left), run: shown(right), agrees: false }];
  }
  if (isInTime(left, right, pairing))
    return [{ turn: left.turn, recorded: left.text, run: right.text, agrees: true }];
  return [{ turn: left.turn, recorded: shown(left), run: shown(right), agrees: false }];
}

const freely = 1_000;

function isInTime(left: Line, right: Line, { frame, retryAfter }: Pairing): boolean {
  if (left.at === undefined || right.at === undefined) return true;
  const began = left.turn === 0 ? 0 : (frame.turns[left.turn - 1] ?? 0);
  const allowed = Math.max(freely, (left.at - began) / 10) + retryAfter + (frame.lateness[left.turn] ?? 0);
  return Math.abs(left.at - right.at) <= allowed;
}

const shown = (line: Line | undefined): string | undefined =>
  line?.at === undefined ? line?.text : `${(line.at / 1_000).toFixed(3)}s ${line.text}`;

/** Sequences beside each other, aligned where they say the same. */
function inOrder(pairing: Pairing): readonly Row[] {
  const { left, right } = pairing;
  const same = (i: number, j: number): boolean =>
    left[i]?.text === right[j]?.text &&
    (left[i]?.turn === right[j]?.turn || areBesideATurn(left[i] as Line, right[j] as Line, pairing.frame));
  // Of a suffix of each: how many lines they have in common, in order.
  const common: number[][] = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--) {
      const row = common[i] as number[];
      row[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const rows: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && same(i, j))
      rows.push(...rowOf(left[i++], right[j++], pairing));
    else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1)))
      rows.push(...rowOf(left[i++], undefined, pairing));
    else rows.push(...rowOf(undefined, right[j++], pairing));
  }
  return rows;
}

/** A run is looked at a little longer: what came a little later than recorded is seen. */
const longer = 1_000;

/** What of a run can be compared: not what comes long after the recording's end. */
export const untilEnd = <T extends { readonly at: number }>(seen: readonly T[], end: number): readonly T[] =>
  seen.filter(({ at }) => at <= end + longer);
