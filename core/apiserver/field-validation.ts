/**
 * Reading a body: what has the wrong type is refused; what the kind does not have is refused (Strict), left out and told
 * (Warn, as a server does unless it is told otherwise), or left out (Ignore). (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/endpoints/handlers: create.go, patch.go, fieldvalidation)
 */
import { undecodable } from '../api/decoding.ts';
import type { ResourceInfo } from '../api/kinds.ts';
import type { NewObject, Status } from '../api/request.ts';
import { decodedCustom } from './custom/content.ts';
import { checkShape, type ShapeProblem } from '../api/schema.ts';

/** What was read, or why it cannot be. Warnings are added to `warnings`. */
export function decoded(
  info: ResourceInfo,
  object: NewObject,
  fieldValidation: string | undefined,
  warnings: string[],
): NewObject | Status {
  if (info.custom !== undefined) return decodedCustom(info, object, fieldValidation, warnings);
  const problems = checkShape(object);
  if (problems.length === 0) return object;
  const unknown = problems.filter(({ what }) => what === 'unknown field');
  if (fieldValidation === 'Strict' || unknown.length < problems.length) {
    const refusal = undecodable(info, fieldValidation === 'Strict' ? problems : without(problems, unknown));
    if (refusal !== undefined) return refusal;
  }
  if (fieldValidation !== 'Ignore') for (const { message } of unknown) warnings.push(message);
  return unknown.reduce((rest: unknown, { path }) => withoutField(rest, path), object) as NewObject;
}

const without = (
  problems: readonly ShapeProblem[],
  others: readonly ShapeProblem[],
): readonly ShapeProblem[] => problems.filter((problem) => !others.includes(problem));

/** The value without the field at the end of a path. */
export function withoutField(value: unknown, path: ShapeProblem['path']): unknown {
  const [step, ...further] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, place) => (place === step ? withoutField(item, further) : item));
  const fields = value as Readonly<Record<string, unknown>>;
  if (further.length > 0) return { ...fields, [step]: withoutField(fields[String(step)], further) };
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== step));
}
