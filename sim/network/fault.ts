/**
 * The faults that the network and the processes know. Almost every documented bug of a controller is made of these.
 * `process` is the consumer's name, `stream` the resource it follows (`*`: all).
 */
import type { Duration } from '../../core/time/time.ts';

export type Fault =
  /** Every event of the watch arrives this much later; order stays. 0 ends it. */
  | { readonly do: 'lagWatch'; readonly process: string; readonly stream: string; readonly by: Duration }
  /** Nothing of the watch arrives until it is resumed; then all of it does, in order. */
  | { readonly do: 'pauseWatch'; readonly process: string; readonly stream: string }
  | { readonly do: 'resumeWatch'; readonly process: string; readonly stream: string }
  /** The watch breaks: its consumer lists again. */
  | { readonly do: 'dropWatch'; readonly process: string; readonly stream: string }
  /** The process dies and loses its memory; everything it had open breaks. */
  | { readonly do: 'crash'; readonly process: string }
  | { readonly do: 'restart'; readonly process: string }
  /** The process's client certificate ends: the apiservers answer 401 to it, whatever it asks, until it has another. */
  | { readonly do: 'expireCertificate'; readonly process: string }
  | { readonly do: 'renewCertificate'; readonly process: string }
  /** The next answers to the process are lost on their way: what it asked for has happened, and it cannot know. */
  | { readonly do: 'loseAnswers'; readonly process: string; readonly count: number }
  /** The process's own clock: ahead by `offset`, and running at `rate` times the speed of virtual time. */
  | { readonly do: 'clock'; readonly process: string; readonly offset: Duration; readonly rate: number };

export function faultText(fault: Fault): string {
  switch (fault.do) {
    case 'lagWatch':
      return `lagWatch ${fault.process} ${fault.stream} ${fault.by}`;
    case 'pauseWatch':
    case 'resumeWatch':
    case 'dropWatch':
      return `${fault.do} ${fault.process} ${fault.stream}`;
    case 'crash':
    case 'restart':
    case 'expireCertificate':
    case 'renewCertificate':
      return `${fault.do} ${fault.process}`;
    case 'loseAnswers':
      return `loseAnswers ${fault.process} ${fault.count}`;
    case 'clock':
      return `clock ${fault.process} ${fault.offset} ${fault.rate}`;
  }
}

/** Which watches are held up, as a value: by `process stream`, where stream may be `*`. */
export interface Disturbances {
  readonly lags: ReadonlyMap<string, Duration>;
  readonly pauses: ReadonlySet<string>;
  readonly lostAnswers: ReadonlyMap<string, number>;
}

export const calm: Disturbances = { lags: new Map(), pauses: new Set(), lostAnswers: new Map() };

const either = (process: string, stream: string): readonly [string, string] => [
  `${process} ${stream}`,
  `${process} *`,
];

export function lagOf(disturbances: Disturbances, process: string, stream: string): Duration {
  if (disturbances.lags.size === 0) return 0;
  const [one, all] = either(process, stream);
  return disturbances.lags.get(one) ?? disturbances.lags.get(all) ?? 0;
}

export function isPaused(disturbances: Disturbances, process: string, stream: string): boolean {
  if (disturbances.pauses.size === 0) return false;
  return either(process, stream).some((key) => disturbances.pauses.has(key));
}

export function withLag(
  disturbances: Disturbances,
  process: string,
  stream: string,
  by: Duration,
): Disturbances {
  const lags = new Map(disturbances.lags);
  if (by === 0) lags.delete(`${process} ${stream}`);
  else lags.set(`${process} ${stream}`, by);
  return { ...disturbances, lags };
}

export function withPause(
  disturbances: Disturbances,
  process: string,
  stream: string,
  paused: boolean,
): Disturbances {
  const pauses = new Set(disturbances.pauses);
  if (paused) pauses.add(`${process} ${stream}`);
  else pauses.delete(`${process} ${stream}`);
  return { ...disturbances, pauses };
}

/** `count` more answers to the process will be lost; -1 after one was. */
export function withLostAnswers(disturbances: Disturbances, process: string, count: number): Disturbances {
  const lostAnswers = new Map(disturbances.lostAnswers);
  const left = (lostAnswers.get(process) ?? 0) + count;
  if (left <= 0) lostAnswers.delete(process);
  else lostAnswers.set(process, left);
  return { ...disturbances, lostAnswers };
}
