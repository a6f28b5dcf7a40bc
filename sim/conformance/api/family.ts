/**
 * A family of recorded answers of the API machinery: one file of the suite `api` holds the cases of one family, and
 * one file of this folder answers them.
 */

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
