/** Prints figures: a table for a person, or one JSON object a line. */
import Table from 'cli-table3';
import type { Figure } from './bench.ts';

export interface Measured extends Figure {
  readonly bench: string;
  readonly case: string;
}

export const jsonLine = (measured: Measured): string =>
  JSON.stringify({
    bench: measured.bench,
    case: measured.case,
    figure: measured.figure,
    value: measured.value,
    unit: measured.unit,
  });

export function table(measured: readonly Measured[]): string {
  const printed = new Table({
    head: ['case', 'figure', 'value', 'unit', 'at most'],
    colAligns: ['left', 'left', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  let last = '';
  for (const { case: name, figure, value, unit, atMost } of measured) {
    printed.push([
      name === last ? '' : name,
      figure,
      rounded(value),
      unit,
      atMost === undefined ? '' : verdict(value, atMost),
    ]);
    last = name;
  }
  return printed.toString();
}

const verdict = (value: number, atMost: number): string => `${atMost} ${value <= atMost ? 'ok' : 'MISSED'}`;

const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
