/** Draws the rows of a sequence diagram with lifelines and arrows, in 100 columns. */
import type { ChalkInstance } from 'chalk';
import { clockText, cut } from '../terminal.ts';
import { lanes, type Lane, type Row } from './rows.ts';

const timeWidth = 9;
const laneWidth = 9;
const diagramWidth = laneWidth * lanes.length - 2;
const labelAt = timeWidth + diagramWidth + 1;
/** Of the whole drawing, in columns. */
const width = 100;
const labelWidth = width - labelAt;

/** The column of a lifeline, counted from the first one's left edge. */
const centre = (lane: Lane): number => lanes.indexOf(lane) * laneWidth + (laneWidth >> 1);

type Paint = (text: string) => string;

/** The heading and a line for each row. */
export function drawRows(rows: readonly Row[], colours: ChalkInstance): readonly string[] {
  const paints = paintsOf(colours);
  return [heading(paints), ...rows.flatMap((row) => drawRow(row, paints, colours)), closing(paints)];
}

type Paints = Readonly<Record<Lane, Paint>> & { readonly line: Paint };

function paintsOf(c: ChalkInstance): Paints {
  return {
    kubectl: c.green,
    apiserver: c.blueBright,
    etcd: c.yellow,
    managers: c.cyan,
    scheduler: c.magenta,
    kubelet: c.redBright,
    line: c.dim,
  };
}

function heading(paints: Paints): string {
  const names = lanes.map((lane) => {
    const left = (laneWidth - lane.length) >> 1;
    return ' '.repeat(left) + paints[lane](lane) + ' '.repeat(laneWidth - lane.length - left);
  });
  return ' '.repeat(timeWidth) + names.join('').trimEnd();
}

const closing = (paints: Paints): string =>
  ' '.repeat(timeWidth) + cells((_, lane) => (lane === undefined ? ' ' : paints.line('╵'))).trimEnd();

function drawRow(row: Row, paints: Paints, c: ChalkInstance): readonly string[] {
  switch (row.type) {
    case 'chapter':
      return [
        line(undefined, lifelines(paints), ''),
        line(undefined, lifelines(paints), c.bold(paints[row.of](cut(row.title, labelWidth))), c),
      ];
    case 'message':
      return labelled(row.at, arrow(row, paints), row.label, row.told ? c.dim : plain, paints, c);
    case 'note':
      return labelled(
        row.at,
        note(row, paints),
        row.label,
        row.warning ? c.yellow : paints[row.lane],
        paints,
        c,
      );
    case 'score':
      return [line(undefined, lifelines(paints), scoreText(row, paints, c), c)];
  }
}

function line(at: number | undefined, diagram: string, label: string, c?: ChalkInstance): string {
  const time = at === undefined ? '' : clockText(at);
  const painted = c === undefined ? time : c.dim(time);
  return `${' '.repeat(Math.max(0, timeWidth - 1 - time.length))}${painted} ${diagram} ${label}`.trimEnd();
}

/** One character a column; `lane` is the lifeline that stands in it. */
function cells(cell: (column: number, lane: Lane | undefined) => string): string {
  let text = '';
  for (let column = 0; column < diagramWidth; column++) {
    const lane = column % laneWidth === laneWidth >> 1 ? lanes[Math.floor(column / laneWidth)] : undefined;
    text += cell(column, lane);
  }
  return text;
}

const lifelines = (paints: Paints): string =>
  cells((_, lane) => (lane === undefined ? ' ' : paints.line('│')));

/** An arrow in the colour of who sends: whole for a request, broken for what a watch tells. */
function arrow({ from, to, told }: Extract<Row, { type: 'message' }>, paints: Paints): string {
  const [start, end] = [centre(from), centre(to)];
  const [left, right] = [Math.min(start, end), Math.max(start, end)];
  const shaft = told ? '╌' : '─';
  return cells((column, lane) => {
    if (column < left || column > right) return lane === undefined ? ' ' : paints.line('│');
    if (column === start) return paints[from](start < end ? '├' : '┤');
    if (column === end) return paints.line('│');
    if (column === end - 1 && start < end) return paints[from]('▶');
    if (column === end + 1 && start > end) return paints[from]('◀');
    return paints[from](lane === undefined ? shaft : '┼');
  });
}

const note = (row: Extract<Row, { type: 'note' }>, paints: Paints): string =>
  cells((_, lane) =>
    lane === undefined
      ? ' '
      : lane === row.lane && row.at !== undefined
        ? paints[lane]('●')
        : paints.line('│'),
  );

const plain: Paint = (text) => text;

/** A row whose label may need a second line. */
function labelled(
  at: number | undefined,
  diagram: string,
  label: string,
  paint: Paint,
  paints: Paints,
  c: ChalkInstance,
): readonly string[] {
  return wrapped(label).map((text, i) =>
    line(i === 0 ? at : undefined, i === 0 ? diagram : lifelines(paints), paint(text), c),
  );
}

/** Words on two lines at the most. */
function wrapped(text: string): readonly string[] {
  if (text.length <= labelWidth) return [text];
  const space = text.lastIndexOf(' ', labelWidth);
  if (space < labelWidth / 2) return [cut(text, labelWidth)];
  return [text.slice(0, space), `  ${cut(text.slice(space + 1), labelWidth - 2)}`];
}

const barWidth = 12;

function scoreText(
  { lane, node, score, share, chosen }: Extract<Row, { type: 'score' }>,
  paints: Paints,
  c: ChalkInstance,
): string {
  const filled = Math.round(share * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const text = `  ${cut(node, 10).padEnd(10)} ${bar} ${`${score}`.padStart(4)}`;
  return chosen ? paints[lane](`${text} ◀`) : c.dim(text);
}
