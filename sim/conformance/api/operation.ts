/** Cases that name the operation they ask for in `op`. */
import { firstDifference } from '../difference.ts';
import type { RecordedCase } from '../family.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** The operation that a case asks for; `on` says what the operations of the family are on. */
export function operationOf<Operation>(
  operations: Readonly<Record<string, Operation>>,
  { op }: RecordedCase,
  on: string,
): Operation {
  const operation = typeof op === 'string' ? operations[op] : undefined;
  if (operation === undefined) throw new Error(`no operation ${JSON.stringify(op)} on ${on}`);
  return operation;
}

/**
 * Where an answer first differs from what was recorded under the names of its fields, as `recorded` reads it. The other
 * fields of a case are the question.
 */
export function differenceOfFields(
  asked: RecordedCase,
  got: Answer,
  recorded: (field: string) => unknown = (field) => asked[field],
): string | undefined {
  const want = Object.fromEntries(Object.keys(got).map((field) => [field, recorded(field)]));
  return firstDifference(want, got);
}
