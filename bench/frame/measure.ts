/** Runs cases: each in a process of its own, with its wall time, CPU time and peak memory. */
import { spawnSync } from 'node:child_process';
import type { Case, Figure } from './bench.ts';
import type { Measured } from './print.ts';

/** Runs one case here. */
export async function measure(bench: string, subject: Case): Promise<readonly Measured[]> {
  const start = performance.now();
  const before = process.cpuUsage();
  const own = await subject.run();
  const cpu = process.cpuUsage(before);
  const frame: readonly Figure[] = [
    { figure: 'wall', value: (performance.now() - start) / 1_000, unit: 's' },
    { figure: 'cpu', value: (cpu.user + cpu.system) / 1_000_000, unit: 's' },
    // maxRSS is in kibibytes.
    { figure: 'peak RSS', value: process.resourceUsage().maxRSS / 1_024, unit: 'MiB' },
  ];
  return [...own, ...frame].map((figure) => ({ bench, case: subject.name, ...figure }));
}

/** The program that was started: this file may run as part of a bundle. */
const program = process.argv[1] ?? '';

/** A case could not be measured in its process, which has said why on stderr. */
export class CaseFailed extends Error {}

/** Runs one case in a new process. */
export function measureApart(bench: string, name: string): readonly Measured[] {
  const child = spawnSync(
    process.execPath,
    [...process.execArgv, program, bench, '--case', name, '--format', 'figures'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64 * 1_024 * 1_024,
    },
  );
  if (child.status !== 0) throw new CaseFailed(`case ${name} failed`);
  return JSON.parse(child.stdout) as readonly Measured[];
}
