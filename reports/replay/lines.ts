/** A frame as lines of coloured text: what the screen shows, and what `--once` prints. */
import type { ChalkInstance } from 'chalk';
import { cut, fitted } from '../terminal.ts';
import { barMargin, type Bar, type Frame, type FrameMessage, type LogLine } from './frame.ts';
import { phases, type Phase } from './picture.ts';

type Colour = 'green' | 'greenBright' | 'yellow' | 'blue' | 'cyan' | 'magenta' | 'red' | 'gray' | 'white';

export interface Span {
  readonly text: string;
  readonly colour?: Colour | undefined;
  readonly bold?: boolean | undefined;
  readonly dim?: boolean | undefined;
}

export type ScreenLine = readonly Span[];

const colourOf: Readonly<Record<Phase, Colour>> = {
  ready: 'greenBright',
  running: 'green',
  starting: 'cyan',
  pending: 'yellow',
  failing: 'magenta',
  terminating: 'gray',
  succeeded: 'blue',
  failed: 'red',
};

/** A letter for each phase: a screen without colours must be readable too. */
const letterOf: Readonly<Record<Phase, string>> = {
  ready: '█',
  running: '▓',
  starting: '▒',
  pending: '░',
  failing: '!',
  terminating: 'x',
  succeeded: '✓',
  failed: '✗',
};

const plain = (text: string): Span => ({ text });
const dim = (text: string): Span => ({ text, dim: true });
const bold = (text: string): Span => ({ text, bold: true });

/** The lines of a frame, none wider than the screen, and at most as many as it has rows. */
export function linesOfFrame(frame: Frame): readonly ScreenLine[] {
  const { columns, rows } = frame.size;
  const lines: readonly ScreenLine[] = [
    titleLine(frame),
    clockLine(frame),
    progressLine(frame),
    legendLine(frame),
    ...(frame.unscheduled === undefined ? [] : [barLine(frame.unscheduled)]),
    ...nodeLines(frame),
    [],
    ...handLines(frame),
    [],
    ...frame.log.map((line) => logLine(line, columns)),
  ];
  return [...lines.slice(0, Math.max(0, rows - 2)), footerLine(frame)].map((line) => cutLine(line, columns));
}

function titleLine({ scenario, seed, revision }: Frame): ScreenLine {
  return [bold('wavetank replay'), plain(`  ${scenario}`), dim(`  seed ${seed}  revision ${revision}`)];
}

function clockLine({ playing, clock, end, speed, event, events }: Frame): ScreenLine {
  return [
    { text: playing ? '▶ ' : '❚❚', colour: playing ? 'green' : 'yellow' },
    bold(` ${clock}`),
    dim(` of ${end}`),
    plain(`   ${speed}× `),
    dim(speed === 1 ? 'real time' : ''),
    plain(`   event ${event}`),
    dim(` of ${events}`),
  ];
}

function progressLine({ progress, size }: Frame): ScreenLine {
  const room = Math.max(0, size.columns);
  const done = Math.min(room, Math.round(progress * room));
  return [{ text: '━'.repeat(done), colour: 'cyan' }, dim('─'.repeat(room - done))];
}

function legendLine({ counts }: Frame): ScreenLine {
  const shown = phases.filter((phase, i) => i < 4 || counts[phase] > 0);
  return shown.flatMap((phase) => [
    { text: `${letterOf[phase]} `, colour: colourOf[phase] },
    plain(`${phase} `),
    bold(`${counts[phase]}   `),
  ]);
}

function nodeLines({ nodes, nodesAbove, nodesBelow }: Frame): readonly ScreenLine[] {
  if (nodes.length === 0) return [[dim('no nodes yet')]];
  const hidden = [
    nodesAbove === 0 ? '' : `${nodesAbove} above`,
    nodesBelow === 0 ? '' : `${nodesBelow} below`,
  ].filter((text) => text !== '');
  const more: readonly ScreenLine[] =
    hidden.length === 0 ? [] : [[dim(`… nodes: ${hidden.join(', ')} (up, down)`)]];
  return [...nodes.map(barLine), ...more];
}

const nameWidth = 18;

function barLine({ name, state, pods, podsPerCell, cells }: Bar): ScreenLine {
  const count = podsPerCell === 1 ? `${pods}` : `${pods} /${podsPerCell}`;
  const mark: Span =
    state === 'ready'
      ? { text: '●', colour: 'green' }
      : state === 'none'
        ? plain(' ')
        : { text: state === 'cordoned' ? '◐' : '○', colour: 'red' };
  const head: readonly Span[] = [
    mark,
    plain(` ${fitted(name, nameWidth)} `),
    dim(`${count.padStart(barMargin - nameWidth - 5)} `),
  ];
  return [...head, ...runs(cells)];
}

/** Neighbours of one phase in one span. */
function runs(cells: readonly Phase[]): readonly Span[] {
  const spans: { text: string; colour: Colour }[] = [];
  for (const phase of cells) {
    const last = spans.at(-1);
    if (last?.colour === colourOf[phase]) last.text += letterOf[phase];
    else spans.push({ text: letterOf[phase], colour: colourOf[phase] });
  }
  return spans;
}

function handLines({ atHand, written, caused, causedMore, event }: Frame): readonly ScreenLine[] {
  if (atHand === undefined) return [[dim('before the first event')]];
  const wrote = written.map((text): ScreenLine => [dim('  writes '), { text, colour: 'yellow' }]);
  const more: readonly ScreenLine[] = causedMore === 0 ? [] : [[dim(`  … and ${causedMore} more`)]];
  return [
    [bold(`${event} `), ...messageSpans(atHand, 'white')],
    ...wrote.slice(0, 2),
    ...caused.map((message): ScreenLine => [
      dim('  ↳ '),
      ...messageSpans(message, 'cyan'),
      dim(`  ${message.at}`),
    ]),
    ...more,
  ];
}

function messageSpans({ from, to, text }: FrameMessage, colour: Colour): readonly Span[] {
  const route: readonly Span[] =
    from === undefined ? [bold(to)] : [bold(from), { text: ' ──▶ ', colour }, bold(to)];
  return [...route, plain(`  ${text}`)];
}

function logLine({ at, process, text, weight, atHand }: LogLine, columns: number): ScreenLine {
  const who = fitted(process, columns < 90 ? 16 : 26);
  const span = (part: string): Span => (atHand ? bold(part) : weight === 'hop' ? dim(part) : plain(part));
  const body: Span = atHand
    ? bold(text)
    : weight === 'deed'
      ? { text, colour: 'cyan' }
      : weight === 'hop'
        ? dim(text)
        : plain(text);
  return [
    { text: atHand ? '▸' : ' ', colour: 'yellow' },
    dim(`${at.padStart(10)}  `),
    span(`${who}  `),
    body,
  ];
}

function footerLine({ jump, notice }: Frame): ScreenLine {
  if (jump !== undefined)
    return [
      { text: 'go to time: ', colour: 'yellow' },
      bold(`${jump}▏`),
      dim('  12.5s, 5m, 1h30m; return goes, escape does not'),
    ];
  if (notice !== '') return [{ text: notice, colour: 'yellow' }];
  return [
    dim(
      'space play/pause  + - speed  ← → step  p n previous/next write  g go to time  < > ends  ↑ ↓ nodes  q quit',
    ),
  ];
}

function cutLine(line: ScreenLine, columns: number): ScreenLine {
  const spans: Span[] = [];
  let room = columns;
  for (const span of line) {
    if (room <= 0) break;
    spans.push(span.text.length <= room ? span : { ...span, text: cut(span.text, room) });
    room -= span.text.length;
  }
  return spans;
}

/** A frame as text, for a pipe or a file. */
export function frameText(frame: Frame, colours: ChalkInstance): string {
  const lines = linesOfFrame(frame).map((line) =>
    line
      .map((span) => painted(span, colours))
      .join('')
      .trimEnd(),
  );
  return lines.join('\n') + '\n';
}

function painted({ text, colour, bold: isBold, dim: isDim }: Span, c: ChalkInstance): string {
  const coloured = colour === undefined ? text : c[colour](text);
  return isBold === true ? c.bold(coloured) : isDim === true ? c.dim(coloured) : coloured;
}
