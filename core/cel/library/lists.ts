/** isSorted, sum, min, max, indexOf and lastIndexOf of lists, and the sets. (apiserver/pkg/cel/library/lists.go, cel-go ext/sets.go) */
import type { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { equal } from '../equal.ts';
import { fail } from './failure.ts';
import { registerNamespace } from './namespace.ts';

const durations = 'google.protobuf.Duration';
const comparable = ['int', 'uint', 'double', 'bool', 'string', durations, 'google.protobuf.Timestamp'];

type List = readonly unknown[];

/** Adds them; the least and the greatest of an empty list are errors of the evaluation. */
export function registerLists(environment: Environment): void {
  registerNamespace(environment, 'sets', 'SetsNamespace');
  for (const type of comparable)
    environment
      .registerFunction(`list<${type}>.isSorted(): bool`, isSorted)
      .registerFunction(`list<${type}>.min(): ${type}`, (list: List) => extreme(list, 'min'))
      .registerFunction(`list<${type}>.max(): ${type}`, (list: List) => extreme(list, 'max'));
  environment
    .registerFunction('list<int>.sum(): int', (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n))
    .registerFunction('list<double>.sum(): double', (list: readonly number[]) =>
      list.reduce((a, b) => a + b, 0),
    )
    .registerFunction(`list<${durations}>.sum(): ${durations}`, (list: readonly Duration[]) =>
      list.reduce((sum, each) => sum.addDuration(each), new Duration(0n)),
    )
    .registerFunction('list<A>.indexOfRune(A): int', (list: List, item: unknown) =>
      BigInt(list.findIndex((each) => equal(each, item))),
    )
    .registerFunction('list<A>.lastIndexOfRune(A): int', (list: List, item: unknown) =>
      BigInt(list.findLastIndex((each) => equal(each, item))),
    )
    .registerFunction('SetsNamespace.contains(list, list): bool', (_: unknown, a: List, b: List) =>
      containsAll(a, b),
    )
    .registerFunction(
      'SetsNamespace.equivalent(list, list): bool',
      (_: unknown, a: List, b: List) => containsAll(a, b) && containsAll(b, a),
    )
    .registerFunction('SetsNamespace.intersects(list, list): bool', (_: unknown, a: List, b: List) =>
      a.some((each) => contains(b, each)),
    );
}

const contains = (list: List, item: unknown): boolean => list.some((each) => equal(each, item));
const containsAll = (list: List, items: List): boolean => items.every((item) => contains(list, item));

/** The elements are of one comparable type: the checker has seen to that, or the evaluation where the list is dyn. */
const before = (a: unknown, b: unknown): boolean => (a as number) < (b as number);

const isSorted = (list: List): boolean => list.every((item, i) => i === 0 || !before(item, list[i - 1]));

function extreme(list: List, which: 'min' | 'max'): unknown {
  if (list.length === 0) return fail(`${which} called on empty list`);
  return list.reduce((best, item) =>
    (which === 'min' ? before(item, best) : before(best, item)) ? item : best,
  );
}
