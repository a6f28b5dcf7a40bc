/**
 * The conformance command: recorded answers of the real components against what wavetank answers. A suite reads one
 * file of cases (also gzipped, as *.gz); this room finds the files, prints the first difference of each failing case, and counts.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { nearest } from '../../core/api/nearest.ts';
import { apiSuite } from './api/suite.ts';
import { apiserverSuite } from './apiserver/suite.ts';
import { controllersSuite } from './controllers/suite.ts';
import { etcdSuite } from './etcd.ts';
import { ConformanceInputError } from './input.ts';
import { schedulerSuite } from './scheduler/suite.ts';

export { ConformanceInputError };

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  /** The first difference, readable: where, what was asked, what was wanted, what was answered. */
  readonly difference?: string | undefined;
  /** What was compared, where a case says so: printed whether or not it passed. */
  readonly note?: string | undefined;
  /** What the case belongs to, and which parts of it agree: they are counted by family. */
  readonly family?: string;
  readonly agreed?: Readonly<Record<string, boolean>>;
}

export interface Suite {
  readonly name: string;
  /** Runs the cases of one file. A file that is no file of the suite throws a ConformanceInputError. */
  run(fileText: string, fileName: string): Iterable<CaseResult>;
}

/** The suites, by the name the command line knows them by. */
export const suites: Readonly<Record<string, Suite>> = {
  [etcdSuite.name]: etcdSuite,
  [apiSuite.name]: apiSuite,
  [apiserverSuite.name]: apiserverSuite,
  [schedulerSuite.name]: schedulerSuite,
  [controllersSuite.name]: controllersSuite,
};

/**
 * Runs the files through a suite. Each failing case is printed with its first difference, and in the end
 * `N passed, M failed`. An unknown suite, and a file that cannot be read or understood, throw a ConformanceInputError.
 */
export function runConformance(
  suiteName: string,
  files: readonly string[],
  print: (line: string) => void,
): { readonly passed: number; readonly failed: number } {
  const suite = suiteNamed(suiteName);
  if (files.length === 0) throw new ConformanceInputError('no file of cases was given');
  let passed = 0;
  let failed = 0;
  const families = new Map<string, Map<string, Tally>>();
  for (const file of files)
    for (const result of suite.run(textOf(file), file)) {
      count(families, result);
      if (result.note !== undefined) print(result.note);
      if (result.passed) passed++;
      else {
        failed++;
        print(`FAILED ${result.name}`);
        for (const line of (result.difference ?? '').split('\n')) print(`  ${line}`);
      }
    }
  for (const [family, tallies] of families)
    print(`${family}: ${[...tallies].map(([part, { of, agreed }]) => `${part} ${agreed}/${of}`).join(', ')}`);
  print(`${passed} passed, ${failed} failed`);
  return { passed, failed };
}

interface Tally {
  agreed: number;
  of: number;
}

function count(families: Map<string, Map<string, Tally>>, { family, agreed }: CaseResult): void {
  if (family === undefined || agreed === undefined) return;
  const tallies = families.get(family) ?? new Map<string, Tally>();
  families.set(family, tallies);
  for (const [part, agrees] of Object.entries(agreed)) {
    const tally = tallies.get(part) ?? { agreed: 0, of: 0 };
    tallies.set(part, tally);
    tally.of++;
    if (agrees) tally.agreed++;
  }
}

function suiteNamed(name: string): Suite {
  const suite = Object.hasOwn(suites, name) ? suites[name] : undefined;
  if (suite !== undefined) return suite;
  const known = Object.keys(suites);
  const near = nearest(name, known);
  const hint = near === undefined ? `the suites are: ${known.join(', ')}` : `did you mean ${near}?`;
  throw new ConformanceInputError(`unknown suite ${JSON.stringify(name)}: ${hint}`);
}

function textOf(file: string): string {
  try {
    const content = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason =
      (typeof code === 'string' ? reasons[code] : undefined) ??
      (error instanceof Error ? error.message : String(error));
    throw new ConformanceInputError(`${file}: ${reason}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  Z_DATA_ERROR: 'not gzip',
  Z_BUF_ERROR: 'gzip, but cut off',
};
