/** `--sort-by`: objects in the order of what a path finds in them. (kubernetes v1.34.1 kubectl/pkg/cmd/get/sorter.go) */
import { findAll } from '../../core/api/custom/json-path.ts';
import type { Json } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { compareQuantities, isQuantity } from '../../core/text/quantity.ts';
import { relaxedPath } from './custom-columns.ts';
import { GetInputError } from './problem.ts';

type Order = (objects: readonly ApiObject[]) => readonly ApiObject[];

/** Puts objects in order; those without the field come first. Without a path they stay as they are. */
export function inOrderOf(text: string | undefined): Order {
  if (text === undefined || text === '') return (objects) => objects;
  const path = relaxedPath(text);
  return (objects) => {
    const keyed = objects.map((object) => ({ object, key: findAll(object as unknown as Json, path)[0] }));
    if (objects.length > 0 && keyed.every(({ key }) => key === undefined))
      throw new GetInputError(`couldn't find any field with path "${text}" in the list of objects`);
    return [...keyed].sort((a, b) => compared(a.key, b.key)).map(({ object }) => object);
  };
}

function compared(a: Json | undefined, b: Json | undefined): number {
  if (a === undefined || a === null || b === undefined || b === null) return rank(a) - rank(b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string' || typeof b !== 'string')
    throw new GetInputError('--sort-by: what the path finds are neither texts nor numbers');
  return isQuantity(a) && isQuantity(b) ? compareQuantities(a, b) : naturally(a, b);
}

const rank = (key: Json | undefined): number => (key === undefined ? 0 : key === null ? 1 : 2);

/** Numbers within texts by their value; of equal ones, that with fewer zeros in front. */
function naturally(a: string, b: string): number {
  const [xs, ys] = [a.match(/\d+|\D/g) ?? [], b.match(/\d+|\D/g) ?? []];
  for (let i = 0; i < xs.length && i < ys.length; i++) {
    const [x = '', y = ''] = [xs[i], ys[i]];
    if (x === y) continue;
    const numbers = /^\d/.test(x) && /^\d/.test(y);
    return (numbers ? Number(x) - Number(y) || x.length - y.length : 0) || (x < y ? -1 : 1);
  }
  return xs.length - ys.length;
}
