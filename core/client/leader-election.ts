/**
 * Leader election by a Lease: of several replicas of a component one works, the others wait until its Lease has not been
 * renewed for as long as it says (client-go v0.34.1 tools/leaderelection, resourcelock/leaselock.go).
 *
 * `electing` makes of a component's reducer one that begins its work when it leads, and whose process ends when it does
 * no longer; the kubelet starts it again. Everything goes by the process's own clock: who waits counts from when he saw
 * the Lease change, never from the times in it. A clock that is wrong by an offset does no harm, one that runs at
 * another speed can make two leaders for a while.
 */
import type { Lease } from '../api/generated/types.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { bits, draw, purposeOf, type Seed } from '../random/draw.ts';
import type { Reducer, Step } from '../reducer.ts';
import { microTimeText, second, type Duration, type VirtualTime } from '../time/time.ts';
import type { ClientEvent, ClientRequest } from './component.ts';
import { newRecorder, record, type Recorder } from './recorder.ts';

export interface ElectionSpec {
  readonly seed: Seed;
  /** The name of the Lease, in kube-system; also the user agent. */
  readonly lease: string;
  /** The process: the host in its identity. */
  readonly process: string;
  /** The source of its Events. */
  readonly component: string;
}

/** `--leader-elect-lease-duration`, `-renew-deadline` and `-retry-period`. */
const leaseDuration: Duration = 15 * second;
const renewDeadline: Duration = 10 * second;
const retryPeriod: Duration = 2 * second;
/** Who waits tries again after a period and up to this many more of it. */
const jitter = 1.2;

const namespace = 'kube-system';

export interface Electing<Inner> {
  readonly inner: Inner;
  readonly identity: string;
  readonly leads: boolean;
  /** The Lease as it was seen last, and when it was first seen so, by this process's clock. */
  readonly seen: { readonly lease: Lease; readonly at: VirtualTime } | undefined;
  /** When the leader began to try to renew, until it has. */
  readonly renewingSince: VirtualTime | undefined;
  /** A request is under way. */
  readonly asking: boolean;
  readonly tries: number;
  readonly recorder: Recorder;
}

export interface ElectionTag {
  readonly of: 'election';
  readonly what: 'tick' | 'get' | 'create' | 'update' | 'renew' | 'event';
}

/** A component that works only while it leads. */
export interface ElectedComponent<Inner, Tag> {
  readonly first: Electing<Inner>;
  readonly reduce: Reducer<Electing<Inner>, ClientEvent<Tag | ElectionTag>, ClientRequest<Tag | ElectionTag>>;
}

export function electing<Inner, Tag extends { readonly of: string }>(
  spec: ElectionSpec,
  first: Inner,
  reduce: Reducer<Inner, ClientEvent<Tag>, ClientRequest<Tag>>,
): ElectedComponent<Inner, Tag> {
  type State = Electing<Inner>;
  type Out = Step<State, ClientRequest<Tag | ElectionTag>>;

  const inside = (state: State, event: ClientEvent<Tag>, now: VirtualTime): Out => {
    const step = reduce(state.inner, event, now);
    return { state: { ...state, inner: step.state }, requests: step.requests };
  };

  /** What an answer or a tick leads to; the component begins where it makes this process the leader. */
  const elect = (state: State, event: ClientEvent<ElectionTag>, now: VirtualTime): Out => {
    const step = onElection(spec, state, event, now);
    if (!step.state.leads || state.leads) return step;
    const begun = inside(step.state, { type: 'start' }, now);
    return { state: begun.state, requests: [...step.requests, ...begun.requests] };
  };

  return {
    first: newElecting(spec, first),
    reduce: (state, event, now) => {
      if (event.type === 'start') return elect(newElecting(spec, first), { type: 'start' }, now);
      if (event.type === 'answer' || event.type === 'timer')
        return event.tag.of === 'election'
          ? elect(state, event as ClientEvent<ElectionTag>, now)
          : inside(state, event as ClientEvent<Tag>, now);
      return inside(state, event, now);
    },
  };
}

const newElecting = <Inner>(spec: ElectionSpec, inner: Inner): Electing<Inner> => ({
  inner,
  identity: '',
  leads: false,
  seen: undefined,
  renewingSince: undefined,
  asking: false,
  tries: 0,
  recorder: newRecorder({ api: 'core', component: spec.component, userAgent: spec.lease }),
});

type ElectionStep<Inner> = Step<Electing<Inner>, ClientRequest<ElectionTag>>;

function onElection<Inner>(
  spec: ElectionSpec,
  state: Electing<Inner>,
  event: ClientEvent<ElectionTag>,
  now: VirtualTime,
): ElectionStep<Inner> {
  switch (event.type) {
    case 'start':
      return attempt(spec, { ...state, identity: identityOf(spec, now) }, now);
    case 'timer':
      return tick(spec, state, now);
    case 'answer':
      return event.tag.what === 'event'
        ? { state, requests: [] }
        : answered(spec, { ...state, asking: false }, event.tag.what, event.answer, now);
    case 'watch':
    case 'watchClosed':
      return { state, requests: [] };
  }
}

/** `HOST_UUID`: each life of a process is another candidate. */
function identityOf({ seed, process }: ElectionSpec, now: VirtualTime): string {
  const purpose = purposeOf(seed, 'leader election identity');
  const hex = [0, 1, 2, 3]
    .map((part) => bits(purpose, process, now, part).toString(16).padStart(8, '0'))
    .join('');
  return `${process}_${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** tryAcquireOrRenew: a leader writes at once, who is none looks first. */
function attempt<Inner>(spec: ElectionSpec, state: Electing<Inner>, now: VirtualTime): ElectionStep<Inner> {
  const tries = state.tries + 1;
  const next = { ...state, tries, asking: true };
  const timer = tickAfter(state.leads ? retryPeriod : waiting(spec, tries));
  const renewingSince = state.leads ? (state.renewingSince ?? now) : undefined;
  const request =
    state.seen !== undefined && owns(state, state.seen.lease) && isValid(state, now)
      ? update(spec, 'renew', renewed(state.seen.lease, state.identity, now))
      : get(spec);
  return { state: { ...next, renewingSince }, requests: [request, timer] };
}

const owns = <Inner>({ identity }: Electing<Inner>, { spec }: Lease): boolean =>
  spec?.holderIdentity === identity;

function waiting({ seed, process }: ElectionSpec, tries: number): Duration {
  const luck = draw(seed, 'leader election retry', process, tries);
  return Math.round(retryPeriod * (1 + jitter * luck));
}

/** The Lease that was seen last has not run out, as far as this process can tell. */
const isValid = <Inner>({ seen }: Electing<Inner>, now: VirtualTime): boolean =>
  seen !== undefined && seen.at + (seen.lease.spec?.leaseDurationSeconds ?? 0) * second > now;

function tick<Inner>(spec: ElectionSpec, state: Electing<Inner>, now: VirtualTime): ElectionStep<Inner> {
  if (state.leads && state.renewingSince !== undefined && now >= state.renewingSince + renewDeadline)
    return lost(state, now);
  if (state.asking) return { state, requests: [tickAfter(retryPeriod)] };
  return attempt(spec, state, now);
}

/** The work of a leader that could not renew ends with its process. */
function lost<Inner>(state: Electing<Inner>, now: VirtualTime): ElectionStep<Inner> {
  const told = announced(state, 'stopped leading', now);
  return { state: told.state, requests: [...told.requests, { do: 'exit' }] };
}

function answered<Inner>(
  spec: ElectionSpec,
  state: Electing<Inner>,
  what: ElectionTag['what'],
  answer: ApiAnswer,
  now: VirtualTime,
): ElectionStep<Inner> {
  if (what !== 'get') {
    if (answer.ok) return holds(state, answer.object as Lease, now);
    // The fast way of a leader has failed: he looks who is in his place.
    if (what === 'renew') return { state: { ...state, asking: true }, requests: [get(spec)] };
    return { state, requests: [] };
  }
  if (!answer.ok) {
    if (answer.code !== 404) return { state, requests: [] };
    return {
      state: { ...state, asking: true },
      requests: [create(spec, newLease(spec, state.identity, now))],
    };
  }
  const lease = answer.object as Lease;
  const found = looked(state, lease, now);
  const free = (lease.spec?.holderIdentity ?? '') === '';
  const own = owns(state, lease);
  if (!free && !own && isValid(found, now)) return { state: found, requests: [] };
  const next = own ? renewed(lease, state.identity, now) : taken(lease, state.identity, now);
  return { state: { ...found, asking: true }, requests: [update(spec, 'update', next)] };
}

/** A Lease that is as it was has been so since it was first seen. */
function looked<Inner>(state: Electing<Inner>, lease: Lease, now: VirtualTime): Electing<Inner> {
  const known = state.seen?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
  return known ? state : { ...state, seen: { lease, at: now } };
}

/** The Lease is this process's. */
function holds<Inner>(state: Electing<Inner>, lease: Lease, now: VirtualTime): ElectionStep<Inner> {
  const held: Electing<Inner> = { ...state, leads: true, seen: { lease, at: now }, renewingSince: undefined };
  return state.leads ? { state: held, requests: [] } : announced(held, 'became leader', now);
}

function announced<Inner>(state: Electing<Inner>, what: string, now: VirtualTime): ElectionStep<Inner> {
  if (state.seen === undefined) return { state, requests: [] };
  const { name, uid, resourceVersion } = state.seen.lease.metadata;
  const regarding = {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    namespace,
    name,
    uid,
    resourceVersion,
  };
  const message = `${state.identity} ${what}`;
  const told = record(state.recorder, regarding, { type: 'Normal', reason: 'LeaderElection', message }, now);
  const requests = told.requests.map((request) =>
    request.do === 'call' ? { ...request, tag: electionTag('event') } : request,
  ) as readonly ClientRequest<ElectionTag>[];
  return { state: { ...state, recorder: told.recorder }, requests };
}

const electionTag = (what: ElectionTag['what']): ElectionTag => ({ of: 'election', what });

const tickAfter = (after: Duration): ClientRequest<ElectionTag> => ({
  do: 'timer',
  tag: electionTag('tick'),
  after,
  background: true,
});

const call = (
  { lease }: ElectionSpec,
  what: ElectionTag['what'],
  request: ApiRequest,
): ClientRequest<ElectionTag> => ({ do: 'call', tag: electionTag(what), userAgent: lease, request });

const get = (spec: ElectionSpec): ClientRequest<ElectionTag> =>
  call(spec, 'get', { verb: 'get', resource: 'leases', namespace, name: spec.lease });

const update = (spec: ElectionSpec, what: 'update' | 'renew', object: Lease): ClientRequest<ElectionTag> =>
  call(spec, what, { verb: 'update', resource: 'leases', namespace, name: spec.lease, object });

type NewLease = Omit<Lease, 'metadata'> & {
  readonly metadata: { readonly name: string; readonly namespace: string };
};

const create = (spec: ElectionSpec, object: NewLease): ClientRequest<ElectionTag> =>
  call(spec, 'create', { verb: 'create', resource: 'leases', namespace, object });

const newLease = ({ lease }: ElectionSpec, holderIdentity: string, now: VirtualTime): NewLease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: lease, namespace },
  spec: { ...terms(holderIdentity, now), acquireTime: microTimeText(now), leaseTransitions: 0 },
});

const terms = (holderIdentity: string, now: VirtualTime) => ({
  holderIdentity,
  leaseDurationSeconds: leaseDuration / second,
  renewTime: microTimeText(now),
});

const renewed = (lease: Lease, holder: string, now: VirtualTime): Lease => ({
  ...lease,
  spec: { ...lease.spec, ...terms(holder, now) },
});

const taken = (lease: Lease, holder: string, now: VirtualTime): Lease => ({
  ...lease,
  spec: {
    ...terms(holder, now),
    acquireTime: microTimeText(now),
    leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1,
  },
});
