/**
 * `kubectl drain`: the node is cordoned; its Pods are listed and, unless one may not be touched, evicted all at once. A budget
 * that refuses is asked again every 5 s; a Pod that goes is looked for every second until it is gone. What kubectl would print
 * is said as it happens. (kubernetes v1.34.1 staging/src/k8s.io/kubectl/pkg/cmd/drain/drain.go, pkg/drain/drain.go)
 */
import { aggregate } from '../../api/field-error.ts';
import { itemsOf } from '../../api/list-items.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { ApiAnswer, ApiRequest, Status } from '../../api/request.ts';
import { durationText } from '../../time/duration.ts';
import { second, type Duration, type VirtualTime } from '../../time/time.ts';
import { cordoning, lookAt } from './cordon.ts';
import { daemonSetOf, saidOf, verdictOf, type DrainOptions } from './filter.ts';

/** A drain under way. Plain values. */
export interface Drain {
  readonly node: string;
  readonly options: DrainOptions;
  /** The Pods of the node, as far as they are listed. */
  readonly pods: readonly Pod[];
  /** Why the DaemonSet of a Pod was not found, by the Pod's place. */
  readonly missing: Readonly<Record<number, Status>>;
  /** When it gives up. */
  readonly deadline: VirtualTime;
  readonly victims: readonly Victim[];
  /** What went wrong, in the order in which it did. */
  readonly errors: readonly string[];
}

interface Victim {
  readonly pod: Pod;
  /** It was being deleted when it was looked at last. */
  readonly isGoing: boolean;
  readonly isDone: boolean;
}

/** What an answer or a timer of a drain is for. Pods are named by their place. */
export type DrainStep =
  | { readonly do: 'look' | 'cordon' | 'list' }
  | { readonly do: 'owner' | 'evict' | 'refresh' | 'wait'; readonly pod: number };

/** A request, or (with `after` alone) a look at the clock. */
export interface DrainWish {
  readonly step: DrainStep;
  readonly request?: ApiRequest;
  readonly after?: Duration;
}

export interface DrainTurn {
  readonly drain: Drain;
  readonly wishes: readonly DrainWish[];
  /** Lines that kubectl prints. */
  readonly said: readonly string[];
  /** How it ended: drained, refused by the server before anything was done, or with an error of kubectl's own. */
  readonly ended?: { readonly status?: Status; readonly error?: string };
}

const evictAgain: Duration = 5 * second;
const lookAgain: Duration = 1 * second;
/** --chunk-size */
const chunk = 500;

export const newDrain = (node: string, options: DrainOptions): DrainTurn => ({
  drain: { node, options, pods: [], missing: {}, deadline: Infinity, victims: [], errors: [] },
  wishes: [{ step: { do: 'look' }, request: lookAt(node) }],
  said: [],
});

/** An answer has come. */
export function onDrainAnswer(drain: Drain, step: DrainStep, answer: ApiAnswer, now: VirtualTime): DrainTurn {
  switch (step.do) {
    case 'look':
      return answer.ok
        ? cordoned(drain, answer.object as unknown as Node)
        : { ...quiet(drain), ended: { status: answer.status } };
    case 'cordon':
      return listing(
        drain,
        answer.ok
          ? `node/${drain.node} cordoned`
          : `error: unable to cordon node ${quoted(drain.node)}: ${textOf(answer)}`,
      );
    case 'list':
      return listed(drain, answer, now);
    case 'owner':
      return judged(
        answer.ok ? drain : { ...drain, missing: { ...drain.missing, [step.pod]: answer.status } },
        step.pod + 1,
        now,
      );
    case 'evict':
      return evicted(drain, step.pod, answer);
    case 'refresh':
      return evicting(answer.ok ? refreshed(drain, step.pod, answer.object as Pod) : drain, step.pod);
    case 'wait':
      return looked(drain, step.pod, answer, now);
  }
}

/** A time it has waited for has come. */
export function onDrainTimer(drain: Drain, step: DrainStep, now: VirtualTime): DrainTurn {
  if (!('pod' in step)) return quiet(drain);
  if (step.do === 'wait') return { ...quiet(drain), wishes: [lookFor(drain, step.pod)] };
  const { pod } = victimAt(drain, step.pod);
  const said = [`evicting pod ${nameOf(pod)}`];
  if (now >= drain.deadline) {
    const text = `error when evicting ${flags(pod)}: global timeout reached: ${durationText(drain.options.timeout)}`;
    return withSaid(said, done(drain, step.pod, text));
  }
  if (step.do === 'refresh') return { drain, said, wishes: [{ step, request: getPod(pod) }] };
  return withSaid(said, evicting(drain, step.pod));
}

const quiet = (drain: Drain): DrainTurn => ({ drain, wishes: [], said: [] });
const withSaid = (said: readonly string[], turn: DrainTurn): DrainTurn => ({
  ...turn,
  said: [...said, ...turn.said],
});
const quoted = (text: string): string => JSON.stringify(text);
const nameOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const flags = ({ metadata }: Pod): string =>
  `pods/${quoted(metadata.name)} -n ${quoted(metadata.namespace ?? '')}`;
const textOf = (answer: Extract<ApiAnswer, { ok: false }>): string => answer.status.message ?? '';

function victimAt({ victims }: Drain, place: number): Victim {
  const victim = victims[place];
  if (victim === undefined) throw new Error(`no Pod ${place} is being evicted`);
  return victim;
}

function cordoned(drain: Drain, node: Node): DrainTurn {
  const request = cordoning(node, true);
  return request === undefined
    ? listing(drain, `node/${drain.node} already cordoned`)
    : { ...quiet(drain), wishes: [{ step: { do: 'cordon' }, request }] };
}

const listing = (drain: Drain, said: string): DrainTurn => ({
  drain,
  said: [said],
  wishes: [{ step: { do: 'list' }, request: listOf(drain) }],
});

const listOf = ({ node, options }: Drain, token?: string): ApiRequest => ({
  verb: 'list',
  resource: 'pods',
  labelSelector: options.podSelector === '' ? undefined : options.podSelector,
  fieldSelector: `spec.nodeName=${node}`,
  limit: chunk,
  continue: token,
});

/** A part of the list has come; after a failure it is listed once more, to say who is left. */
function listed(drain: Drain, answer: ApiAnswer, now: VirtualTime): DrainTurn {
  if (!answer.ok || answer.list === undefined) {
    const error = answer.ok ? '' : textOf(answer);
    return drain.errors.length === 0
      ? over(drain, error)
      : over(drain, aggregate(drain.errors), leftOver(drain, [], [error]));
  }
  const pods = [...drain.pods, ...(itemsOf(answer.list) as readonly Pod[])];
  const next = { ...drain, pods };
  const token = answer.list.page?.continue ?? '';
  if (token !== '')
    return { ...quiet(next), wishes: [{ step: { do: 'list' }, request: listOf(next, token) }] };
  return judged(next, 0, now);
}

/** The DaemonSets are looked up one after the other, from the Pod at `place` on; then it is known who goes. */
function judged(drain: Drain, place: number, now: VirtualTime): DrainTurn {
  const { pods, options, missing } = drain;
  const at = pods.findIndex((pod, i) => i >= place && daemonSetOf(pod) !== undefined);
  const pod = pods[at];
  if (pod !== undefined) {
    const { namespace } = pod.metadata;
    const request: ApiRequest = {
      verb: 'get',
      resource: 'daemonsets',
      namespace,
      name: daemonSetOf(pod) ?? '',
    };
    return { ...quiet(drain), wishes: [{ step: { do: 'owner', pod: at }, request }] };
  }
  const all = pods.map((each, i) => ({ pod: each, verdict: verdictOf(each, options, missing[i]) }));
  const leaving = all.filter(({ verdict }) => verdict.goes).map((each) => each.pod);
  const problems = saidOf(all, 'error');
  if (drain.errors.length > 0)
    return over(drain, aggregate(drain.errors), leftOver(drain, leaving, problems));
  if (problems.length > 0) return over(drain, aggregate(problems));
  const warnings = saidOf(all, 'warning').join('; ');
  return withSaid(warnings === '' ? [] : [`Warning: ${warnings}`], began(drain, leaving, now));
}

function leftOver(drain: Drain, pods: readonly Pod[], problems: readonly string[]): readonly string[] {
  const text = `There are pending pods in node ${quoted(drain.node)} when an error occurred: ${aggregate(drain.errors)}`;
  return [
    ...(pods.length === 0 ? [] : [text, ...pods.map(({ metadata }) => `pod/${metadata.name}`)]),
    ...(problems.length === 0
      ? []
      : ['Following errors occurred while getting the list of pods to delete:', aggregate(problems)]),
  ];
}

/** Everyone is evicted at once. */
function began(drain: Drain, pods: readonly Pod[], now: VirtualTime): DrainTurn {
  const { timeout } = drain.options;
  const deadline = timeout === 0 ? Infinity : now + timeout;
  const victims = pods.map((pod) => ({
    pod,
    isGoing: pod.metadata.deletionTimestamp !== undefined,
    isDone: false,
  }));
  const next: Drain = { ...drain, deadline, victims };
  if (pods.length === 0) return drained(next);
  return {
    drain: next,
    wishes: pods.map((_, place) => evictionOf(next, place)),
    said: pods.map((pod) => `evicting pod ${nameOf(pod)}`),
  };
}

const evicting = (drain: Drain, place: number): DrainTurn => ({
  ...quiet(drain),
  wishes: [evictionOf(drain, place)],
});

const evictionOf = (drain: Drain, place: number): DrainWish => ({
  step: { do: 'evict', pod: place },
  request: eviction(victimAt(drain, place).pod.metadata, drain.options.gracePeriodSeconds),
});

/** What is posted to a Pod's `eviction`. */
export const eviction = (
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
  gracePeriodSeconds: number | undefined,
): ApiRequest => {
  const object = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds },
  };
  return { verb: 'create', resource: 'pods', subresource: 'eviction', namespace, name, object };
};

function evicted(drain: Drain, place: number, answer: ApiAnswer): DrainTurn {
  const { pod, isGoing } = victimAt(drain, place);
  if (answer.ok) return { ...quiet(drain), wishes: [lookFor(drain, place)] };
  const { status, code } = answer;
  if (code === 404) return done(drain, place);
  const again = (step: DrainStep, text: string): DrainTurn => ({
    drain,
    wishes: [{ step, after: evictAgain }],
    said: [`${text} (will retry after 5s): ${textOf(answer)}`],
  });
  if (code === 429) return again({ do: 'evict', pod: place }, `error when evicting ${flags(pod)}`);
  const causes = status.details?.causes ?? [];
  if (code === 403 && causes.some(({ reason }) => reason === 'NamespaceTerminating')) {
    // What is going already need not be evicted; what is not will be deleted with its namespace.
    if (isGoing) return { ...quiet(drain), wishes: [lookFor(drain, place)] };
    const { name, namespace = '' } = pod.metadata;
    const text = `error when evicting pod ${quoted(name)} from terminating namespace ${quoted(namespace)}`;
    return again({ do: 'refresh', pod: place }, text);
  }
  return done(drain, place, `error when evicting ${flags(pod)}: ${textOf(answer)}`);
}

function refreshed(drain: Drain, place: number, { metadata }: Pod): Drain {
  const victims = drain.victims.with(place, {
    ...victimAt(drain, place),
    isGoing: metadata.deletionTimestamp !== undefined,
  });
  return { ...drain, victims };
}

const getPod = ({ metadata }: Pod): ApiRequest => ({
  verb: 'get',
  resource: 'pods',
  namespace: metadata.namespace,
  name: metadata.name,
});

const lookFor = (drain: Drain, place: number): DrainWish => ({
  step: { do: 'wait', pod: place },
  request: getPod(victimAt(drain, place).pod),
});

function looked(drain: Drain, place: number, answer: ApiAnswer, now: VirtualTime): DrainTurn {
  const { pod } = victimAt(drain, place);
  const { name, namespace = '', uid } = pod.metadata;
  const failure = (text: string): DrainTurn =>
    done(
      drain,
      place,
      `error when waiting for pod ${quoted(name)} in namespace ${quoted(namespace)} to terminate: ${text}`,
    );
  if (answer.ok ? answer.object?.metadata.uid !== uid : answer.code === 404)
    return withSaid([`pod/${name} evicted`], done(drain, place));
  if (!answer.ok) return failure(textOf(answer));
  if (now >= drain.deadline) return failure(`global timeout reached: ${durationText(drain.options.timeout)}`);
  return { ...quiet(drain), wishes: [{ step: { do: 'wait', pod: place }, after: lookAgain }] };
}

/** Nothing more is to be done for a Pod. When that is so of all, the drain is over. */
function done(drain: Drain, place: number, error?: string): DrainTurn {
  const next: Drain = {
    ...drain,
    victims: drain.victims.with(place, { ...victimAt(drain, place), isDone: true }),
    errors: error === undefined ? drain.errors : [...drain.errors, error],
  };
  if (!next.victims.every(({ isDone }) => isDone)) return quiet(next);
  if (next.errors.length === 0) return drained(next);
  const again: Drain = { ...next, pods: [], missing: {} };
  return { ...quiet(again), wishes: [{ step: { do: 'list' }, request: listOf(again) }] };
}

const drained = (drain: Drain): DrainTurn => ({
  ...quiet(drain),
  said: [`node/${drain.node} drained`],
  ended: {},
});

const over = (drain: Drain, error: string, said: readonly string[] = []): DrainTurn => ({
  ...quiet(drain),
  said: [
    ...said,
    `error: unable to drain node ${quoted(drain.node)} due to error: ${error}, continuing command...`,
    'There are pending nodes to be drained:',
    ` ${drain.node}`,
    error,
  ],
  ended: { error },
});
