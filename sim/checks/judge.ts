/** Judges the expectations of a run as it goes on: looks whenever something was written, and at the times they name. */
import type { VirtualTime } from '../../core/time/time.ts';
import { durationText } from '../../core/time/duration.ts';
import type { Registry } from '../engine/registry.ts';
import type { Eventually, Expectation } from './expectation.ts';
import { parseExpression, type Expression } from './expression.ts';

export interface Result {
  readonly expectation: Expectation;
  readonly met: boolean;
  /** When it first held (eventually), or first did not (always); absent where there is no such moment. */
  readonly time?: VirtualTime;
  /** `held at 6.2s`, or why not, with the values found. */
  readonly because: string;
}

interface Pending {
  readonly expectation: Expectation;
  readonly expression: Expression;
  /** Since when an `always` has held. */
  holdsSince: VirtualTime | undefined;
  result: Result | undefined;
}

export class Judge {
  private readonly pending: readonly Pending[];
  private looked = -1;

  constructor(expectations: readonly Expectation[]) {
    this.pending = expectations.map((expectation) => {
      const expression = parseExpression(expectation.that);
      if ('message' in expression)
        throw new Error(`an expectation that was not checked: ${expression.message}`);
      return { expectation, expression, holdsSince: undefined, result: undefined };
    });
  }

  /** The times at which a run must stop to let it look, whatever happens then. */
  times(): readonly VirtualTime[] {
    const all = this.pending.flatMap(({ expectation }) =>
      expectation.mood === 'eventually'
        ? [expectation.after, expectation.after + expectation.within]
        : [expectation.after ?? 0],
    );
    return [...new Set(all)].sort((a, b) => a - b);
  }

  /** True while something may still change its mind. */
  get busy(): boolean {
    return this.pending.some((each) => each.result === undefined);
  }

  /**
   * Looks at what etcd holds at `now`; cheap where nothing was written since. `over`: everything that happens at `now`
   * has happened, so a deadline that is now has passed.
   */
  look(registry: Registry, now: VirtualTime, over = false): void {
    if (!over && registry.revision === this.looked) return;
    this.looked = registry.revision;
    for (const each of this.pending) if (each.result === undefined) judge(each, registry, now, over);
  }

  /** What became of each, the run being over at `now`. */
  results(registry: Registry, now: VirtualTime): readonly Result[] {
    return this.pending.map((each) => each.result ?? final(each, registry, now));
  }
}

function judge(each: Pending, registry: Registry, now: VirtualTime, over: boolean): void {
  const { expectation, expression } = each;
  if (now < (expectation.after ?? 0)) return;
  const { holds } = expression.holds(registry);
  if (expectation.mood === 'eventually') judgeEventually(each, expectation, registry, holds, now, over);
  else if (holds) each.holdsSince ??= now;
  else if (each.holdsSince !== undefined || expectation.after !== undefined) {
    const because = `did not hold at ${durationText(now)}: ${reasons(each, registry)}`;
    each.result = { expectation, met: false, time: now, because };
  }
}

function judgeEventually(
  each: Pending,
  expectation: Eventually,
  registry: Registry,
  holds: boolean,
  now: VirtualTime,
  over: boolean,
): void {
  const deadline = expectation.after + expectation.within;
  if (holds && now <= deadline)
    each.result = { expectation, met: true, time: now, because: `held at ${durationText(now)}` };
  else if (now > deadline || (over && now === deadline)) {
    const because = `not by ${durationText(deadline)}: ${reasons(each, registry)}`;
    each.result = { expectation, met: false, because };
  }
}

function final(each: Pending, registry: Registry, now: VirtualTime): Result {
  const { expectation, holdsSince } = each;
  if (expectation.mood === 'always' && holdsSince !== undefined)
    return { expectation, met: true, because: `held from ${durationText(holdsSince)} to the end` };
  return {
    expectation,
    met: false,
    because: `never held until the run ended at ${durationText(now)}: ${reasons(each, registry)}`,
  };
}

function reasons({ expression }: Pending, registry: Registry): string {
  const { error } = expression.holds(registry);
  const values = expression.values(registry);
  if (values.length > 0) return values.join(', ');
  return error ?? 'it is false';
}
