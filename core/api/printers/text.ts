/**
 * A Table as kubectl prints it: columns in line, three spaces between them. (kubernetes v1.34.1
 * cli-runtime/pkg/printers/tableprinter.go; columns as Go's text/tabwriter lays them out)
 */
import type { ApiObject } from '../object.ts';
import type { Cell, Column } from './column.ts';
import { labelsText } from './format.ts';
import type { Table, TableRow } from './table.ts';

export interface TextOptions {
  /** Columns for wide output too. */
  readonly wide?: boolean;
  readonly noHeaders?: boolean;
  /** A first column with the namespace of each object. */
  readonly withNamespace?: boolean;
  /** In front of each name: `deployment.apps`. */
  readonly kind?: string | undefined;
  /** Keys of labels; each has a column for its value. */
  readonly labelColumns?: readonly string[];
  /** A last column with all labels. */
  readonly showLabels?: boolean;
}

/** How wide each column has become, kept up to date: what is printed later stays in line with what was printed before. */
export type Widths = number[];

/** The Table as text; nothing when it has no rows. */
export function tableText(table: Table, options: TextOptions = {}, widths: Widths = []): string {
  if (table.rows.length === 0) return '';
  const shown = table.columns.map(({ priority }) => options.wide === true || priority === 0);
  const lines = table.rows.map((row) => line(cellTexts(table.columns, row, options), shown, options, row));
  const headers = table.columns.map((column) => column.name.toUpperCase());
  if (options.noHeaders !== true) lines.unshift(line(headers, shown, options, undefined));
  return inColumns(lines, widths);
}

function cellTexts(
  columns: readonly Column[],
  { cells }: TableRow,
  { kind }: TextOptions,
): readonly string[] {
  const named = columns.findIndex(({ format, type }) => format === 'name' && type === 'string');
  return cells.map((cell, i) => (i === named && kind !== undefined ? `${kind}/` : '') + cellText(cell));
}

/** Only the first line of a text is shown. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  const text = `${cell}`;
  const end = text.search(/[\f\n\r]/);
  return (end < 0 ? text : `${text.slice(0, end)}...`).replaceAll('\u001b', '^[');
}

/** The cells of a line. A tab in a text begins another cell. */
function line(
  texts: readonly string[],
  shown: readonly boolean[],
  options: TextOptions,
  row: TableRow | undefined,
): readonly string[] {
  const cells = texts.filter((_, i) => shown[i] === true);
  if (options.withNamespace === true)
    cells.unshift(row === undefined ? 'NAMESPACE' : (row.object.metadata.namespace ?? ''));
  cells.push(...(row === undefined ? labelHeaders(options) : labelCells(row.object, options)));
  return cells.join('\t').split(/[\t\v]/);
}

const labelHeaders = ({ labelColumns = [], showLabels }: TextOptions): readonly string[] => [
  ...labelColumns.map((key) => key.slice(key.lastIndexOf('/') + 1).toUpperCase()),
  ...(showLabels === true ? ['LABELS'] : []),
];

const labelCells = (
  { metadata: { labels } }: ApiObject,
  { labelColumns = [], showLabels }: TextOptions,
): readonly string[] => [
  ...labelColumns.map((key) => labels?.[key] ?? ''),
  ...(showLabels === true ? [labelsText(labels)] : []),
];

const padding = 3;
const leastWidth = 6;

/**
 * Cells in line. A column is as wide as its widest cell among lines that stand next to each other and go on behind it,
 * and never narrower than it was. (github.com/liggitt/tabwriter with RememberWidths)
 */
export function inColumns(lines: readonly (readonly string[])[], widths: Widths = []): string {
  const padded = lines.map((cells) => [...cells]);
  const columns = lines.reduce((most, cells) => Math.max(most, cells.length), 0) - 1;
  for (let column = 0; column < columns; column++) {
    for (let first = 0; first < lines.length; first++) {
      const end = endOfRun(lines, first, column);
      let width = Math.max(leastWidth, widths[column] ?? 0);
      for (const cells of lines.slice(first, end))
        width = Math.max(width, widthOf(cells[column] ?? '') + padding);
      if (first < end) widths[column] = width;
      for (const cells of padded.slice(first, end)) {
        const text = cells[column] ?? '';
        cells[column] = text + ' '.repeat(width - widthOf(text));
      }
      first = Math.max(first, end);
    }
  }
  return padded.map((cells) => `${cells.join('')}\n`).join('');
}

/** Where the lines from `first` on end that have a cell behind the column. */
function endOfRun(lines: readonly (readonly string[])[], first: number, column: number): number {
  let end = first;
  while (column < (lines[end]?.length ?? 0) - 1) end++;
  return end;
}

/** In code points, as Go counts runes. */
const widthOf = (text: string): number => [...text].length;
