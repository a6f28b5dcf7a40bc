/** A user's plugin, watched: whatever it throws, or answers that is no answer, is told with its name and the Pod. */
import { keyOf } from '../api/object.ts';
import type { Pod } from '../api/generated/types.ts';
import { maxNodeScore } from './framework.ts';
import type { SchedulerPlugin } from './own-plugin.ts';

/** A run cannot go on with a plugin that fails. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure';
}

/** `file`: where the plugin comes from. */
export function guarded(plugin: SchedulerPlugin, file: string): SchedulerPlugin {
  const guard = new Guard(plugin.name, file);
  const {
    preEnqueue,
    less,
    next,
    preFilter,
    filter,
    changed,
    preScore,
    score,
    normalize,
    reserve,
    unreserve,
    postFilter,
    permit,
    preBind,
    bind,
    postBind,
    mayHelp,
  } = plugin;
  const { verdict, finite, truth } = guard;
  return {
    name: plugin.name,
    ...(preEnqueue && { preEnqueue: guard.watch(plugin, 'preEnqueue', preEnqueue, guard.text) }),
    ...(less && { less: guard.watch(plugin, 'less', less, truth) }),
    ...(next && { next: guard.watch(plugin, 'next', next) }),
    ...(preFilter && { preFilter: guard.watch(plugin, 'preFilter', preFilter, guard.outcome) }),
    ...(filter && { filter: guard.watch(plugin, 'filter', filter, verdict) }),
    ...(changed && { changed: guard.watch(plugin, 'changed', changed) }),
    ...(preScore && { preScore: guard.watch(plugin, 'preScore', preScore, guard.state) }),
    ...(score && { score: guard.watch(plugin, 'score', score, finite) }),
    ...(score && { normalize: guard.normalized(plugin, normalize) }),
    ...(reserve && { reserve: guard.watch(plugin, 'reserve', reserve, verdict) }),
    ...(unreserve && { unreserve: guard.watch(plugin, 'unreserve', unreserve) }),
    ...(postFilter && { postFilter: guard.watch(plugin, 'postFilter', postFilter, guard.postFilter) }),
    ...(permit && { permit: guard.watch(plugin, 'permit', permit, guard.permit) }),
    ...(preBind && { preBind: guard.watch(plugin, 'preBind', preBind, guard.preBind) }),
    ...(bind && { bind: guard.watch(plugin, 'bind', bind, guard.bind) }),
    ...(postBind && { postBind: guard.watch(plugin, 'postBind', postBind) }),
    ...(mayHelp && { mayHelp: guard.watch(plugin, 'mayHelp', mayHelp, truth) }),
  };
}

type Normalize = NonNullable<SchedulerPlugin['normalize']>;

type Check = (answer: unknown) => string | undefined;

class Guard {
  private readonly who: string;
  /** Of the last call that was about one. */
  private about = '';

  constructor(name: string, file: string) {
    this.who = `scheduler plugin ${name} (${file})`;
  }

  /** The method, with its failures named; `check` says what an answer should have been. */
  watch<A extends unknown[], R>(
    plugin: SchedulerPlugin,
    method: string,
    call: (...args: A) => R,
    check: Check = () => undefined,
  ): (...args: A) => R {
    return (...args) => {
      for (const arg of args) this.note(arg);
      let answer: R;
      try {
        answer = call.apply(plugin, args);
      } catch (error) {
        throw new PluginFailure(`${this.who} threw in ${method}${this.about}: ${messageOf(error)}`);
      }
      const wanted = check(answer);
      if (wanted === undefined) return answer;
      throw new PluginFailure(
        `${this.who} answered ${method}${this.about} with ${shown(answer)}; expected ${wanted}`,
      );
    };
  }

  /** The framework refuses scores outside 0..100. (kubernetes v1.34.1 framework/runtime/framework.go, RunScorePlugins) */
  normalized(plugin: SchedulerPlugin, normalize: SchedulerPlugin['normalize']): Normalize {
    const call = this.watch(plugin, 'normalize', normalize ?? (() => undefined));
    return (scores, count, state) => {
      call(scores, count, state);
      for (let i = 0; i < count; i++) {
        const score = scores[i] ?? 0;
        if (Number.isInteger(score) && score >= 0 && score <= maxNodeScore) continue;
        throw new PluginFailure(
          `${this.who} gave a score of ${score}${this.about.split(' on node ')[0] ?? ''}; expected a whole number from 0 to ${maxNodeScore}${normalize === undefined ? ', or a normalize that makes it one' : ' after normalising'}`,
        );
      }
    };
  }

  private note(arg: unknown): void {
    if (typeof arg !== 'object' || arg === null) return;
    if ('key' in arg && 'spec' in arg) this.about = ` for Pod ${String(arg.key)}`;
    else if ('info' in arg && 'attempts' in arg) this.note(arg.info);
    else if ('kind' in arg && arg.kind === 'Pod') this.about = ` for Pod ${keyOf(arg as Pod)}`;
    else if ('podsWithAffinity' in arg && 'name' in arg)
      this.about = `${this.about.split(' on node ')[0] ?? ''} on node ${String(arg.name)}`;
  }

  readonly verdict: Check = (answer) =>
    answer === undefined || typeof answer === 'string' || isRejection(answer)
      ? undefined
      : 'nothing, a text, or a rejection';

  readonly permit: Check = (answer) =>
    this.verdict(answer) === undefined || isSpan(answer, 'waitSeconds')
      ? undefined
      : 'nothing, a text, a rejection, or { waitSeconds }';

  readonly postFilter: Check = (answer) =>
    this.verdict(answer) === undefined ||
    isRefusal(answer) ||
    (outcomeOf(answer) === 'nominate' && textIn(answer, 'node'))
      ? undefined
      : "nothing, a text, a rejection, or { outcome: 'nominate', node }";

  readonly preBind: Check = (answer) =>
    this.verdict(answer) === undefined ||
    isRefusal(answer) ||
    isFailure(answer) ||
    (outcomeOf(answer) === 'ready' && (!hasKey(answer, 'seconds') || isSpan(answer, 'seconds')))
      ? undefined
      : "nothing, a text, a rejection, { outcome: 'ready', seconds } or { outcome: 'fail', message }";

  readonly bind: Check = (answer) =>
    answer === undefined ||
    isRefusal(answer) ||
    isFailure(answer) ||
    outcomeOf(answer) === 'skip' ||
    outcomeOf(answer) === 'bind'
      ? undefined
      : "nothing, { outcome: 'skip' }, { outcome: 'bind' }, { outcome: 'reject', rejection } or { outcome: 'fail', message }";

  readonly text: Check = (answer) =>
    answer === undefined || typeof answer === 'string' ? undefined : 'nothing or a text';

  readonly finite: Check = (answer) =>
    typeof answer === 'number' && Number.isFinite(answer) ? undefined : 'a finite number';

  readonly truth: Check = (answer) => (typeof answer === 'boolean' ? undefined : 'true or false');

  readonly state: Check = (answer) =>
    answer === undefined || (typeof answer === 'object' && answer !== null && 'state' in answer)
      ? undefined
      : 'nothing or { state }';

  readonly outcome: Check = (answer) =>
    typeof answer === 'object' &&
    answer !== null &&
    'outcome' in answer &&
    ['filter', 'skip', 'reject'].includes(String(answer.outcome)) &&
    (answer.outcome !== 'reject' || ('rejection' in answer && isRejection(answer.rejection)))
      ? undefined
      : "{ outcome: 'filter', state }, { outcome: 'skip' } or { outcome: 'reject', rejection }";
}

const fieldOf = (answer: unknown, key: string): unknown =>
  typeof answer === 'object' && answer !== null
    ? (answer as Readonly<Record<string, unknown>>)[key]
    : undefined;

const outcomeOf = (answer: unknown): unknown => fieldOf(answer, 'outcome');
const hasKey = (answer: unknown, key: string): boolean => fieldOf(answer, key) !== undefined;
const textIn = (answer: unknown, key: string): boolean => typeof fieldOf(answer, key) === 'string';

function isSpan(answer: unknown, key: string): boolean {
  const seconds = fieldOf(answer, key);
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0;
}

const isRefusal = (answer: unknown): boolean =>
  outcomeOf(answer) === 'reject' && isRejection(fieldOf(answer, 'rejection'));
const isFailure = (answer: unknown): boolean => outcomeOf(answer) === 'fail' && textIn(answer, 'message');

const isRejection = (answer: unknown): boolean =>
  typeof answer === 'object' &&
  answer !== null &&
  'code' in answer &&
  (answer.code === 'Unschedulable' || answer.code === 'UnschedulableAndUnresolvable') &&
  'plugin' in answer &&
  typeof answer.plugin === 'string' &&
  'reasons' in answer &&
  Array.isArray(answer.reasons);

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : shown(error);

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || value === undefined) return String(value);
  try {
    return JSON.stringify(value).slice(0, 80);
  } catch {
    return typeof value;
  }
}
