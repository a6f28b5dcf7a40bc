import papaparse from 'papaparse';
import { nearest } from '../../core/api/nearest.ts';
import { BadInput, shown, startOf, suggestion, type Position, type Problem } from '../input/problem.ts';
import { readSource } from '../input/source.ts';

/** One line of a CSV file, by the names in its first line. */
export interface CsvRow {
  /** The text of a column; empty where the file has no such column. */
  text(column: string): string;
  /** A whole number that is not negative; anything else is a problem of this row. */
  whole(column: string): number;
  at(column: string): Position;
}

/** The rows of a file that must have the `required` columns. Throws BadInput with the first problems found. */
export function readCsv(file: string, required: readonly string[]): readonly CsvRow[] {
  const { data } = papaparse.parse<string[]>(readSource(file), {
    header: false,
    skipEmptyLines: true,
    delimiter: ',',
  });
  const [head = [], ...lines] = data;
  const missing = required.filter((column) => !head.includes(column));
  if (missing.length > 0)
    throw new BadInput(
      missing.map((column) => ({
        at: startOf(file),
        message: `no column ${shown(column)}${suggestion(nearest(column, head), [])} (found: ${head.slice(0, 12).join(', ')})`,
      })),
    );
  return lines.map((cells, index) => rowOf(file, head, cells, index + 2));
}

function rowOf(file: string, head: readonly string[], cells: readonly string[], line: number): CsvRow {
  const cell = (column: string): string => cells[head.indexOf(column)] ?? '';
  const at = (column: string): Position => {
    const before = cells.slice(0, Math.max(0, head.indexOf(column)));
    return { file, line, column: before.reduce((width, each) => width + each.length + 1, 1) };
  };
  return {
    at,
    text: cell,
    whole(column) {
      const text = cell(column);
      if (/^\d{1,15}$/.test(text)) return Number(text);
      const problem: Problem = {
        at: at(column),
        message: `${column}: expected a whole number, found ${shown(text)}`,
      };
      throw new BadInput([problem]);
    },
  };
}
