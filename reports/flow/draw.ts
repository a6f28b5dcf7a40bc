/** Draws the rows of a sequence diagram with lifelines and arrows, in 100 columns. */
import type { ChalkInstance } from 'chalk';
import { clockText, cut } from '../terminal.ts';
import { lanes, type Lane, type Row } from './rows.ts';

/** Of the whole drawing, in columns. */
const width = 100;
const laneWidth = 9;
/** Two columns behind the last lifeline. */
const diagramWidth = laneWidth * lanes.length - 2;

/** The column of a lifeline, counted from the first one's left edge. */
const centre = (lane: Lane): number => lanes.indexOf(lane) * laneWidth + (laneWidth >> 1);

type Paint = (text: string) => string;

interface Pen {
  readonly colours: ChalkInstance;
  readonly of: Readonly<Record<Lane, Paint>>;
  /** Columns of the times, and of the labels. */
  readonly time: number;
  readonly label: number;
}

/** The heading and a line for each row. */
export function drawRows(rows: readonly Row[], colours: ChalkInstance): readonly string[] {
  const pen = penFor(rows, colours);
  return [heading(pen), ...rows.flatMap((row) => drawRow(row, pen)), closing(pen)];
}

function penFor(rows: readonly Row[], colours: ChalkInstance): Pen {
  const time = Math.max(
    0,
    ...rows.map((row) => ('at' in row && row.at !== undefined ? clockText(row.at).length : 0)),
  );
  const of = {
    kubectl: colours.green,
    apiserver: colours.blueBright,
    etcd: colours.yellow,
    managers: colours.cyan,
    scheduler: colours.magenta,
    kubelet: colours.redBright,
  };
  return { colours, of, time, label: width - time - diagramWidth - 1 };
}

function heading(pen: Pen): string {
  const names = lanes.map((lane) => {
    const left = (laneWidth - lane.length) >> 1;
    return ' '.repeat(left) + pen.of[lane](lane) + ' '.repeat(laneWidth - lane.length - left);
  });
  return ' '.repeat(pen.time) + names.join('').trimEnd();
}

const closing = (pen: Pen): string =>
  line(
    pen,
    undefined,
    cells((_, lane) => (lane === undefined ? ' ' : pen.colours.dim('╵'))),
    '',
  );

function drawRow(row: Row, pen: Pen): readonly string[] {
  const { colours: c } = pen;
  switch (row.type) {
    case 'chapter':
      return [
        line(pen, undefined, lifelines(pen), ''),
        line(pen, undefined, lifelines(pen), c.bold(pen.of[row.of](cut(row.title, pen.label)))),
      ];
    case 'message':
      return labelled(pen, row.at, arrow(row, pen), row.label, row.told ? c.dim : plain);
    case 'note':
      return labelled(pen, row.at, note(row, pen), row.label, row.warning ? c.yellow : pen.of[row.lane]);
    case 'score':
      return [line(pen, undefined, lifelines(pen), scoreText(row, pen))];
  }
}

const plain: Paint = (text) => text;

function line({ time, colours }: Pen, at: number | undefined, diagram: string, label: string): string {
  const clock = at === undefined ? '' : clockText(at);
  return `${' '.repeat(time - clock.length)}${colours.dim(clock)}${diagram} ${label}`.trimEnd();
}

/** A row whose label may need a second line. */
function labelled(
  pen: Pen,
  at: number | undefined,
  diagram: string,
  label: string,
  paint: Paint,
): readonly string[] {
  return wrapped(label, pen.label).map((text, i) =>
    line(pen, i === 0 ? at : undefined, i === 0 ? diagram : lifelines(pen), paint(text)),
  );
}

/** Words on two lines at the most. */
function wrapped(text: string, room: number): readonly string[] {
  if (text.length <= room) return [text];
  const space = text.lastIndexOf(' ', room);
  if (space < room / 2) return [cut(text, room)];
  return [text.slice(0, space), `  ${cut(text.slice(space + 1), room - 2)}`];
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

const lifelines = ({ colours }: Pen): string =>
  cells((_, lane) => (lane === undefined ? ' ' : colours.dim('│')));

/** An arrow in the colour of who sends: whole for a request, broken for what a watch tells. */
function arrow({ from, to, told }: Extract<Row, { type: 'message' }>, { colours, of }: Pen): string {
  const [start, end] = [centre(from), centre(to)];
  const [left, right] = [Math.min(start, end), Math.max(start, end)];
  const shaft = told ? '╌' : '─';
  return cells((column, lane) => {
    if (column < left || column > right) return lane === undefined ? ' ' : colours.dim('│');
    if (column === start) return of[from](start < end ? '├' : '┤');
    if (column === end) return colours.dim('│');
    if (column === end - 1 && start < end) return of[from]('▶');
    if (column === end + 1 && start > end) return of[from]('◀');
    return of[from](lane === undefined ? shaft : '┼');
  });
}

const note = (row: Extract<Row, { type: 'note' }>, { colours, of }: Pen): string =>
  cells((_, lane) => {
    if (lane === undefined) return ' ';
    return lane === row.lane && row.at !== undefined ? of[lane]('●') : colours.dim('│');
  });

const barWidth = 12;

function scoreText(
  { lane, node, score, share, chosen }: Extract<Row, { type: 'score' }>,
  { colours, of }: Pen,
): string {
  const filled = Math.round(share * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const text = `  ${cut(node, 12).padEnd(12)} ${bar} ${`${score}`.padStart(4)}`;
  return chosen ? of[lane](`${text} ◀`) : colours.dim(text);
}
