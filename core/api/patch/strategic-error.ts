/** Why a strategic merge patch cannot be computed or applied. (kubernetes v1.34.1 apimachinery/pkg/util/mergepatch/errors.go) */
import { goText, goTypeName } from './go-text.ts';
import type { Tree } from './tree.ts';

/** Thrown inside this room only: the exported functions answer with its text. */
export class StrategicError extends Error {
  /** What the apiserver makes of it: a bad request, an unprocessable one, or an internal error with this text. */
  readonly answer: 'bad request' | 'unprocessable' | 'internal';
  /** What kubectl asks of an error: is it a conflict, or a failed precondition. */
  readonly about: 'conflict' | 'precondition' | undefined;

  constructor(
    text: string,
    answer: StrategicError['answer'] = 'internal',
    about?: 'conflict' | 'precondition',
  ) {
    super(text);
    this.answer = answer;
    this.about = about;
  }
}

export const noMergeKey = (item: Tree, mergeKey: string): StrategicError =>
  new StrategicError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);

export const badArgType = (expected: Tree, actual: Tree | undefined): StrategicError =>
  new StrategicError(`expected a ${goTypeName(expected)}, but received a ${goTypeName(actual)}`);

export const badPatchType = (directive: Tree, patch: Tree): StrategicError =>
  new StrategicError(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);

export const badFormat = (of: string): StrategicError =>
  new StrategicError(`invalid patch format of ${of}`, 'bad request');

export const listOfLists = (): StrategicError =>
  new StrategicError('lists of lists are not supported', 'unprocessable');
