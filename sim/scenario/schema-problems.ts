/** A Scenario document read through its schema, or what is wrong with it and where. */
import type * as z from 'zod';
import { nearest } from '../../core/api/nearest.ts';
import type { Path, SourceDocument } from './documents.ts';
import { BadInput, dotted, shown, suggestion, type Problem } from '../input/problem.ts';
import { scenarioSchema, type Scenario } from './schema.ts';

type Issue = z.core.$ZodIssue;

export const readScenario = (document: SourceDocument): Scenario => readAs(scenarioSchema, document);

/** A document read through any schema made of the words of words.ts. */
export function readAs<Schema extends z.ZodType>(schema: Schema, document: SourceDocument): z.output<Schema> {
  const result = schema.safeParse(document.value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const told = issues.filter(
    (issue) => issue.code !== 'custom' || !issues.some((other) => isTypo(other, issue.path)),
  );
  throw new BadInput(told.flatMap((issue) => problemsOf(document, issue, [])));
}

/** A field nobody knows, in the mapping at `path`: what else is wrong with that mapping comes of it. */
const isTypo = (issue: Issue, path: readonly PropertyKey[]): boolean =>
  issue.code === 'unrecognized_keys' &&
  issue.path.length === path.length &&
  issue.path.every((step, index) => step === path[index]);

/** An issue as one problem a line; of a union that nothing fits, those of the form that was meant. */
function problemsOf(document: SourceDocument, issue: Issue, base: Path): readonly Problem[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.message.split(' ');
    return issue.keys.map((key) => ({
      at: document.at([...path, key], 'key'),
      message: `${dotted(path)}unknown field ${shown(key)}${suggestion(nearest(key, allowed), allowed)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => branch.length > 0 && branch.every(isInside));
    const inner = meant?.filter(
      (one) => one.code !== 'custom' || !meant.some((other) => isTypo(other, one.path)),
    );
    if (inner !== undefined) return inner.flatMap((one) => problemsOf(document, one, path));
  }
  return [{ at: document.at(path), message: `${dotted(path)}${issue.message}` }];
}

/** The value had the form of this branch: what is wrong lies within it, or is more than its type. */
const isInside = (issue: Issue): boolean =>
  issue.path.length > 0 || issue.code === 'custom' || issue.code === 'unrecognized_keys';
