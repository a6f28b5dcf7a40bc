import { replay } from '../../../reports/replay/replay.ts';
import { fileSource } from '../../../reports/trace/source.ts';
import { timeOption } from '../usage.ts';

export interface ReplayFlags {
  readonly at?: string;
  readonly once?: boolean;
}

/** `wavetank replay`: plays a run in the terminal. */
export async function replayTrace(trace: string, { at, once = false }: ReplayFlags): Promise<void> {
  const start = at === undefined ? undefined : timeOption('--at', at);
  const source = fileSource(trace);
  try {
    await replay(source, { once, at: start });
  } finally {
    source.close();
  }
}
