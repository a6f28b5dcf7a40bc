import { parseExpression } from '../checks/expression.ts';
import type { Expectation } from '../checks/expectation.ts';
import { durationText } from '../../core/time/duration.ts';
import type { SourceDocument, Path } from './documents.ts';
import { BadInput, type Problem } from '../input/problem.ts';
import type { ScenarioSpec } from './schema.ts';

/** The expectations of a scenario, each with an expression that parses and is true or false. */
export function expectationsOf(document: SourceDocument, spec: ScenarioSpec): readonly Expectation[] {
  const problems: Problem[] = [];
  const expectations = (spec.expect ?? []).map((given, index): Expectation => {
    const mood = given.eventually === undefined ? 'always' : 'eventually';
    const path: Path = ['spec', 'expect', index, mood];
    const that = given.eventually?.that ?? given.always?.that ?? '';
    const at = document.at(path, 'key');
    const parsed = parseExpression(that);
    if ('message' in parsed)
      problems.push({
        at: document.inText([...path, 'that'], parsed.offset),
        message: `spec.expect[${index}].${mood}.that: ${parsed.message}`,
      });
    if (given.eventually === undefined) return { mood: 'always', after: given.always?.after, that, at };
    const { after, within } = given.eventually;
    if (spec.duration !== undefined && after + within > spec.duration)
      problems.push({
        at: document.at([...path, 'within']),
        message: `spec.expect[${index}].eventually: the run ends at ${durationText(spec.duration)}, before after + within = ${durationText(after + within)}`,
      });
    return { mood: 'eventually', after, within, that, at };
  });
  if (problems.length > 0) throw new BadInput(problems);
  return expectations;
}
