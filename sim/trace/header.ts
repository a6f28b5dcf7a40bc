import { timeText } from '../../core/time/time.ts';
import type { ProcessKind } from '../process/program.ts';
import { traceVersion, type TraceHeader } from './format.ts';

export function headerLine(scenario: string, seed: string, scheduler: TraceHeader['scheduler']): string {
  const header: TraceHeader = { wavetank: traceVersion, scenario, seed, epoch: timeText(0), scheduler };
  return JSON.stringify(header);
}

export const processLine = (id: number, name: string, kind: ProcessKind): string =>
  JSON.stringify({ process: id, name, kind });
