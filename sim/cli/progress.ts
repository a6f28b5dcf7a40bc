import { clockText } from '../../reports/terminal.ts';
import type { Simulation } from '../engine/simulation.ts';

/** A line on stderr that says how far the run is; nothing where stderr is no terminal. */
export interface Progress {
  show(simulation: Simulation): void;
  /** Takes the line away. */
  end(): void;
}

const silent: Progress = { show: () => undefined, end: () => undefined };

/** Runs shorter than this show nothing: a line that flashes up tells nobody anything. */
const quietMillis = 300;

export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return silent;
  const began = performance.now();
  let shown = false;
  return {
    show(simulation) {
      const millis = performance.now() - began;
      if (millis < quietMillis) return;
      shown = true;
      const rate = Math.round((simulation.events / millis) * 1_000);
      const line = `${clockText(simulation.now)}  ${simulation.events} events  ${rate} events/s`;
      stream.write(`\r\u001b[2K${line.slice(0, Math.max(0, stream.columns - 1))}`);
    },
    end() {
      if (shown) stream.write('\r\u001b[2K');
    },
  };
}
