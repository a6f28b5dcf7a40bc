/** Strategic merge patches: applying one to an object. Computing them is in strategic-diff.ts and three-way.ts. */
import type { Json } from '../generated/types.ts';
import type { MergeType } from './merge-type.ts';
import { StrategicError } from './strategic-error.ts';
import { mergeFields } from './strategic-merge.ts';
import { isFields, thaw } from './tree.ts';

export interface StrategicFailure {
  readonly error: string;
  readonly answer: StrategicError['answer'];
  readonly about: StrategicError['about'];
}

export type StrategicResult = { readonly result: Json } | StrategicFailure;

/** The object with the patch applied, or why it cannot be: the real texts. */
export function applyStrategicPatch(original: Json, patch: Json, type: MergeType): StrategicResult {
  return answered(() => {
    const target = thaw(original);
    const change = thaw(patch);
    if (!isFields(target) || !isFields(change))
      throw new StrategicError('invalid JSON document', 'bad request');
    return mergeFields(target, change, type, 'object');
  });
}

/** Runs a computation of this room, and gives its error as a value. */
export function answered(compute: () => Json): StrategicResult {
  try {
    return { result: compute() };
  } catch (error) {
    if (!(error instanceof StrategicError)) throw error;
    return { error: error.message, answer: error.answer, about: error.about };
  }
}
