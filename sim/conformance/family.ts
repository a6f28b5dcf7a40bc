/**
 * Families of recorded answers: one file of such a suite holds the cases of one family under its name, and one file of
 * the suite's folder answers them.
 */
import * as z from 'zod';
import { nearest } from '../../core/api/nearest.ts';
import { firstDifference } from './difference.ts';
import { ConformanceInputError, parseCases } from './input.ts';
import type { Suite } from './run.ts';

/** A case as it was recorded: each family knows its own fields. */
export type RecordedCase = Readonly<Record<string, unknown>>;

export interface Verdict {
  /** What the case is about, short. */
  readonly name: string;
  /** The first difference, readable; undefined where wavetank answers as recorded. */
  readonly difference: string | undefined;
}

export interface Family {
  readonly name: string;
  /** Answers all cases of a file, in order; a case that is not a question gives no verdict. */
  answer(cases: readonly RecordedCase[]): Iterable<Verdict>;
}

/**
 * A family whose cases hold the question and its answer side by side: what `answerOf` says is laid over the case, and
 * every field is compared. A case is about its `name`, unless `nameOf` tells it.
 */
export const wholeCaseFamily = <Case extends object>(
  name: string,
  answerOf: (asked: Case) => object,
  nameOf: (asked: Case) => string = (asked) => String((asked as RecordedCase)['name']),
): Family => ({
  name,
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as Case;
      yield { name: nameOf(asked), difference: firstDifference(recorded, { ...asked, ...answerOf(asked) }) };
    }
  },
});

const familyFile = z.looseObject({ family: z.string(), cases: z.array(z.record(z.string(), z.unknown())) });

/** The suite that reads files of these families. */
export const familySuite = (name: string, families: readonly Family[]): Suite => ({
  name,
  *run(fileText, fileName) {
    const file = parseCases(fileText, fileName, familyFile);
    const family = families.find((known) => known.name === file.family);
    if (family === undefined)
      throw new ConformanceInputError(`${fileName}: family: ${unknown(file.family, families)}`);
    for (const { name: about, difference } of family.answer(file.cases))
      yield { name: `${family.name}: ${about}`, passed: difference === undefined, difference };
  },
});

function unknown(name: string, families: readonly Family[]): string {
  const near = nearest(
    name,
    families.map((family) => family.name),
  );
  return `${JSON.stringify(name)} is not known${near === undefined ? '' : `: did you mean ${near}?`}`;
}
