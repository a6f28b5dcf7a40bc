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
    head: ['case', 'figure', 'value', 'unit', 'asked'],
    colAligns: ['left', 'left', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  let last = '';
  for (const { case: name, figure, value, unit, atMost, atLeast } of measured) {
    printed.push([name === last ? '' : name, figure, rounded(value), unit, asked(value, atMost, atLeast)]);
    last = name;
  }
  return printed.toString();
}

function asked(value: number, atMost: number | undefined, atLeast: number | undefined): string {
  if (atMost !== undefined) return `<= ${atMost} ${value <= atMost ? 'ok' : 'MISSED'}`;
  return atLeast === undefined ? '' : `>= ${atLeast} ${value >= atLeast ? 'ok' : 'MISSED'}`;
}

const rounded = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
