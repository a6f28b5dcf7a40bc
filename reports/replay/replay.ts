/** `wavetank replay`: plays a run in the terminal, or prints one frame of it. */
import type { VirtualTime } from '../../core/time/time.ts';
import { coloursFor } from '../terminal.ts';
import type { TraceSource } from '../trace/source.ts';
import { atTime, startCursor } from './cursor.ts';
import { frameOf } from './frame.ts';
import { frameText } from './lines.ts';
import { replayIndex } from './replay-index.ts';

export interface ReplayOptions {
  /** Where to begin; absent: at the beginning, or with `once` at the end. */
  readonly at?: VirtualTime | undefined;
  /** Prints one frame instead of playing. */
  readonly once?: boolean;
}

const enterScreen = '\u001b[?1049h\u001b[H';
const leaveScreen = '\u001b[?1049l';

/** Plays a trace until the person quits. Where nobody can press a key it prints one frame and says so. */
export async function replay(source: TraceSource, options: ReplayOptions = {}): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const interactive = stdin.isTTY && stdout.isTTY;
  const index = replayIndex(source);
  const start = startCursor(options.at === undefined);
  if (options.once === true || !interactive) {
    if (options.once !== true)
      stderr.write('This is no terminal to play in: here is one frame (--at TIME --once chooses it).\n');
    const end = index.trace.at[index.trace.events] ?? 0;
    const cursor = atTime(index, { ...start, playing: false }, options.at ?? end);
    const size = { columns: stdout.isTTY ? stdout.columns : 100, rows: stdout.isTTY ? stdout.rows : 40 };
    stdout.write(frameText(frameOf(index, cursor, size), coloursFor(stdout)));
    return;
  }
  const cursor = options.at === undefined ? start : atTime(index, start, options.at);
  const [{ render }, { createElement }, { Screen }] = await Promise.all([
    import('ink'),
    import('react'),
    import('./screen.tsx'),
  ]);
  const restore = (): void => {
    stdout.write(leaveScreen);
  };
  process.once('exit', restore);
  stdout.write(enterScreen);
  try {
    await render(createElement(Screen, { index, cursor }), {
      exitOnCtrlC: true,
      incrementalRendering: true,
    }).waitUntilExit();
  } finally {
    process.off('exit', restore);
    restore();
  }
}
