/** quantity() and what can be asked of one. (kubernetes v1.34.1 apiserver/pkg/cel/library/quantity.go) */
import type { Environment } from '@marcbachmann/cel-js';
import {
  addQuantities,
  compareQuantities,
  newQuantity,
  parseQuantity,
  quantityError,
  subtractQuantities,
} from '../../text/quantity.ts';
import { fail } from './failure.ts';

class Quantity {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Adds the type kubernetes.Quantity; a text that is none is an error of the evaluation in the words of api/resource. */
export function registerQuantities(environment: Environment): void {
  const compare = (a: Quantity, b: Quantity): number => Math.sign(compareQuantities(a.text, b.text));
  const whole = (n: bigint): string => newQuantity(n, 'DecimalSI');
  environment
    .registerType('kubernetes.Quantity', Quantity)
    .registerFunction('quantity(string): kubernetes.Quantity', newQuantityOf)
    .registerFunction('isQuantity(string): bool', (text: string) => quantityError(text) === undefined)
    .registerOperator(
      'kubernetes.Quantity == kubernetes.Quantity',
      (a: Quantity, b: Quantity) => compare(a, b) === 0,
    )
    .registerFunction('kubernetes.Quantity.sign(): int', (q: Quantity) =>
      BigInt(Math.sign(compareQuantities(q.text, '0'))),
    )
    .registerFunction('kubernetes.Quantity.isInteger(): bool', (q: Quantity) => integerOf(q) !== undefined)
    .registerFunction(
      'kubernetes.Quantity.asInteger(): int',
      (q: Quantity) => integerOf(q) ?? fail('cannot convert value to integer'),
    )
    .registerFunction('kubernetes.Quantity.asApproximateFloat(): double', approximately)
    .registerFunction(
      'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => compare(a, b) > 0,
    )
    .registerFunction(
      'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => compare(a, b) < 0,
    )
    .registerFunction('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: Quantity, b: Quantity) =>
      BigInt(compare(a, b)),
    )
    .registerFunction(
      'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity',
      (a: Quantity, b: Quantity) => new Quantity(addQuantities(a.text, b.text)),
    )
    .registerFunction(
      'kubernetes.Quantity.add(int): kubernetes.Quantity',
      (a: Quantity, b: bigint) => new Quantity(addQuantities(a.text, whole(b))),
    )
    .registerFunction(
      'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity',
      (a: Quantity, b: Quantity) => new Quantity(subtractQuantities(a.text, b.text)),
    )
    .registerFunction(
      'kubernetes.Quantity.sub(int): kubernetes.Quantity',
      (a: Quantity, b: bigint) => new Quantity(subtractQuantities(a.text, whole(b))),
    );
}

function newQuantityOf(text: string): Quantity {
  const error = quantityError(text);
  return error === undefined ? new Quantity(text) : fail(error);
}

const largest = (1n << 63n) - 1n;

/** The value as an int64, where it is one. */
function integerOf({ text }: Quantity): bigint | undefined {
  const value = parseQuantity(text);
  if ('error' in value) return undefined;
  const power = BigInt(`1${'0'.repeat(Math.abs(value.scale))}`);
  if (value.scale < 0 && value.digits % power !== 0n) return undefined;
  const integer = value.scale < 0 ? value.digits / power : value.digits * power;
  return integer > largest || integer < -largest - 1n ? undefined : integer;
}

function approximately({ text }: Quantity): number {
  const value = parseQuantity(text);
  return 'error' in value ? NaN : Number(`${value.digits}e${value.scale}`);
}
