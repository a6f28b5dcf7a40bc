/** Runs compact copies of the recorded families of the suite api. */
import { apiSuite } from '../../sim/conformance/api/suite.ts';
import { runConformance, type CaseResult } from '../../sim/conformance/run.ts';

/** What the command prints for the copy of a family: `N passed, M failed`, after the failures. */
export function printedOf(family: string): readonly string[] {
  const printed: string[] = [];
  const file = new URL(`./api/${family}.json.gz`, import.meta.url).pathname;
  runConformance('api', [file], (line) => printed.push(line));
  return printed;
}

/** The results of a file made here. */
export const apiResults = (content: {
  readonly family: string;
  readonly cases: readonly object[];
}): readonly CaseResult[] => [...apiSuite.run(JSON.stringify(content), 'made here')];
