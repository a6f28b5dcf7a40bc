import { runConformance } from '../../conformance/run.ts';
import { exitStatus } from '../failure.ts';
import type { Format } from '../usage.ts';

/** `wavetank conformance`: runs recorded cases of a suite; 0 when all pass. */
export function conformance(suite: string, files: readonly string[], format: Format): number {
  const lines: string[] = [];
  const print =
    format === 'json'
      ? (line: string) => lines.push(line)
      : (line: string) => process.stdout.write(`${line}\n`);
  const { passed, failed } = runConformance(suite, files, print);
  if (format === 'json') {
    const differences = lines.slice(0, -1);
    process.stdout.write(`${JSON.stringify({ suite, passed, failed, differences })}\n`);
  }
  return failed === 0 ? exitStatus.held : exitStatus.failed;
}
