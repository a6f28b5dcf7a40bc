/**
 * A person with kubectl: applies, deletes and scales at the times of a script, one object after another, as kubectl
 * does. What was answered is kept, so that a run can say what was refused.
 */
import type { Json, Node } from '../api/generated/types.ts';
import { customKindsOf } from '../api/custom/kinds.ts';
import type { ApiObject } from '../api/object.ts';
import type { ApiAnswer, ApiRequest, NewObject, Status } from '../api/request.ts';
import { Log } from '../collections/log.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import type { Step } from '../reducer.ts';
import { badRequest } from '../api/status.ts';
import { second, type VirtualTime } from '../time/time.ts';
import type { ClientEvent, ClientRequest } from './component.ts';
import { cordoning } from './drain/cordon.ts';
import { eviction } from './drain/drain.ts';
import { asCreated, clientSideApply, patchToApply } from './kubectl-apply.ts';
import { jobsOf, type Job, type KubectlAction } from './kubectl-job.ts';
import { onDrain, startDrain } from './kubectl-drains.ts';
import type { Done, KubectlState, KubectlTag } from './kubectl-state.ts';
import { tainting } from './kubectl-taint.ts';

type KubectlStep = Step<KubectlState, ClientRequest<KubectlTag>>;

export const newKubectl = (script: readonly KubectlAction[]): KubectlState => ({
  script,
  kinds: customKindsOf(script.flatMap((action) => (action.do === 'apply' ? action.objects : []))),
  tries: 0,
  waiting: [],
  outcomes: [],
  drains: OrderedMap.empty(),
  said: Log.empty(),
});

export function reduceKubectl(
  state: KubectlState,
  event: ClientEvent<KubectlTag>,
  now: VirtualTime,
): KubectlStep {
  switch (event.type) {
    case 'start':
      return {
        state,
        requests: state.script.map((action, index) => ({
          do: 'timer',
          tag: { of: 'kubectl', stage: 'begin', action: index },
          after: Math.max(0, action.at - now),
        })),
      };
    case 'timer':
      return onTimer(state, event.tag, now);
    case 'answer':
      if (event.tag.stage === 'drain') return onDrain(state, event.tag, event.answer, now);
      return event.tag.stage === 'get' ? onFound(state, event, now) : onWritten(state, event, now);
    case 'watch':
    case 'watchClosed':
      return { state, requests: [] };
  }
}

function onTimer(state: KubectlState, tag: KubectlTag, now: VirtualTime): KubectlStep {
  switch (tag.stage) {
    case 'begin':
      return begin(state, tag.action, now);
    case 'drain':
      return onDrain(state, tag, undefined, now);
    case 'again':
      return { state, requests: firstRequest(state, tag.attempt) };
    case 'get':
    case 'write':
      return { state, requests: [] };
  }
}

function begin(state: KubectlState, index: number, now: VirtualTime): KubectlStep {
  const action = state.script[index];
  if (action === undefined) return { state, requests: [] };
  if (action.do === 'drain') return startDrain(state, index, action, now);
  const idle = state.waiting.length === 0;
  const next = { ...state, waiting: [...state.waiting, ...jobsOf(action, index, state.kinds)] };
  return { state: next, requests: idle ? firstRequest(next) : [] };
}

const call = (
  { impersonation }: Job,
  stage: 'get' | 'write',
  request: ApiRequest,
  attempt?: number,
  found?: string,
): ClientRequest<KubectlTag> => ({
  do: 'call',
  tag: stage === 'get' ? { of: 'kubectl', stage, attempt } : { of: 'kubectl', stage, attempt, found },
  userAgent: 'kubectl',
  impersonation,
  request,
});

function firstRequest(state: KubectlState, attempt?: number): readonly ClientRequest<KubectlTag>[] {
  const job = state.waiting[0];
  if (job === undefined) return [];
  const { target } = job;
  switch (job.action) {
    case 'apply':
      // generateName cannot be applied: kubectl create is what a person would use.
      if (job.object?.metadata.name === undefined && job.object !== undefined)
        return [
          call(job, 'write', { verb: 'create', ...withoutName(target), object: job.object, fieldValidation }),
        ];
      if (job.serverSide !== undefined && job.object !== undefined)
        return [call(job, 'write', serverSideApply(job, job.object))];
      return [call(job, 'get', { verb: 'get', ...target }, attempt)];
    case 'delete':
      return [
        call(job, 'write', {
          verb: 'delete',
          ...target,
          gracePeriodSeconds: job.gracePeriodSeconds,
          propagationPolicy: propagation[job.cascade],
        }),
      ];
    case 'cordon':
    case 'uncordon':
    case 'taint':
      return [call(job, 'get', { verb: 'get', ...target })];
    case 'evict':
      return [call(job, 'write', eviction(target, job.gracePeriodSeconds))];
    case 'scale':
      return [
        call(job, 'write', {
          verb: 'patch',
          ...target,
          patchType: 'merge',
          patch: { spec: { replicas: job.replicas } },
          subresource: 'scale',
        }),
      ];
  }
}

const propagation = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;

const serverSideApply = ({ target, serverSide }: Job, object: NewObject): ApiRequest => ({
  verb: 'patch',
  ...target,
  patchType: 'apply',
  patch: object as unknown as Json,
  fieldManager: 'kubectl',
  force: serverSide === 'force',
  fieldValidation,
});

const withoutName = (
  target: Job['target'],
): { readonly resource: string; readonly namespace: string | undefined } => ({
  resource: target.resource,
  namespace: target.namespace,
});

/** kubectl asks for its manifests to be read strictly. (--validate=true) */
const fieldValidation = 'Strict';

type Answered = Extract<ClientEvent<KubectlTag>, { type: 'answer' }>;

/** kubectl apply looks first, then creates what is not there and patches what is. */
function onFound(state: KubectlState, { answer, tag }: Answered, now: VirtualTime): KubectlStep {
  const job = state.waiting[0];
  if (job?.target.resource === 'nodes' && job.object === undefined) return onNode(state, job, answer, now);
  if (job?.object === undefined) return { state, requests: [] };
  if (!answer.ok && isNotServed(answer.status) && state.tries < mostTries) return tryAgain(state);
  if (!answer.ok && answer.code === 404)
    return {
      state,
      requests: [
        call(job, 'write', {
          verb: 'create',
          ...withoutName(job.target),
          object: asCreated(job.object),
          fieldManager: clientSideApply,
          fieldValidation,
        }),
      ],
    };
  if (!answer.ok) return finished(state, 'refused', now, answer.status);
  if (answer.object === undefined) return { state, requests: [] };
  const patch = patchToApply(job.info, job.object, answer.object);
  if (patch === undefined) return finished(state, 'unchanged', now);
  if ('error' in patch) return finished(state, 'refused', now, badRequest(`creating patch: ${patch.error}`));
  const request: ApiRequest = {
    verb: 'patch',
    ...job.target,
    ...patch,
    fieldManager: clientSideApply,
    fieldValidation,
  };
  const attempt = 'attempt' in tag ? (tag.attempt ?? 0) : 0;
  return {
    state,
    requests: [call(job, 'write', request, attempt, answer.object.metadata.resourceVersion)],
  };
}

/** A node that is to be cordoned or tainted has been looked at. */
function onNode(state: KubectlState, job: Job, answer: ApiAnswer, now: VirtualTime): KubectlStep {
  if (!answer.ok) return finished(state, 'refused', now, answer.status);
  const node = answer.object as Node;
  if (job.action === 'taint') {
    const change = tainting(node, job.taints, job.overwrite);
    if ('error' in change) return finished(state, 'refused', now, undefined, change.error);
    return { state, requests: [call(job, 'write', change.patch)] };
  }
  const isCordon = job.action === 'cordon';
  const patch = cordoning(node, isCordon);
  if (patch === undefined) return finished(state, isCordon ? 'already cordoned' : 'already uncordoned', now);
  return { state, requests: [call(job, 'write', patch)] };
}

/** What a taint that is there now was called when it was asked for. */
function taintedAs({ taints, overwrite }: Job): Done {
  if (overwrite) return 'modified';
  const removals = taints.filter(({ remove }) => remove).length;
  return removals === 0 ? 'tainted' : removals === taints.length ? 'untainted' : 'modified';
}

/** A kind that has just been defined is not served at once: the person goes on with the rest and tries again, so often. */
const mostTries = 60;
const tryAfter = 1 * second;

/** Where nothing is, nothing is named. */
const isNotServed = ({ code, details }: Status): boolean => code === 404 && details?.name === undefined;

function tryAgain(state: KubectlState): KubectlStep {
  const waiting = [...state.waiting.slice(1), ...state.waiting.slice(0, 1)];
  return {
    state: { ...state, waiting, tries: state.tries + 1 },
    requests: [{ do: 'timer', tag: { of: 'kubectl', stage: 'again' }, after: tryAfter }],
  };
}

/** A patch that meets a conflict is made again of what is there now; from the second time on after a second. (maxPatchRetry) */
const mostPatches = 5;

function patchAgain(state: KubectlState, attempt: number): KubectlStep {
  const next = attempt + 1;
  if (next === 1) return { state, requests: firstRequest(state, next) };
  const tag: KubectlTag = { of: 'kubectl', stage: 'again', attempt: next };
  return { state, requests: [{ do: 'timer', tag, after: tryAfter }] };
}

/** The resourceVersion that a patch was made for. */
const foundAt = (tag: KubectlTag): string | undefined => (tag.stage === 'write' ? tag.found : undefined);

function onWritten(state: KubectlState, { answer, request, tag }: Answered, now: VirtualTime): KubectlStep {
  const job = state.waiting[0];
  if (job === undefined) return { state, requests: [] };
  const attempt = tag.stage === 'write' ? (tag.attempt ?? mostPatches) : mostPatches;
  if (!answer.ok && answer.code === 409 && request.verb === 'patch' && attempt < mostPatches)
    return patchAgain(state, attempt);
  if (!answer.ok && job.serverSide !== undefined && isNotServed(answer.status) && state.tries < mostTries)
    return tryAgain(state);
  if (!answer.ok) return finished(state, 'refused', now, answer.status);
  return finished(
    state,
    doneBy(job, request, tag, answer.object),
    now,
    undefined,
    undefined,
    answer.warnings,
  );
}

function doneBy(job: Job, request: ApiRequest, tag: KubectlTag, object: ApiObject | undefined): Done {
  switch (job.action) {
    case 'delete':
      return 'deleted';
    case 'scale':
      return 'scaled';
    case 'cordon':
      return 'cordoned';
    case 'uncordon':
      return 'uncordoned';
    case 'evict':
      return 'evicted';
    case 'taint':
      return taintedAs(job);
    case 'apply':
      if (request.verb === 'create') return 'created';
      if (job.serverSide !== undefined) return 'serverside-applied';
      return foundAt(tag) === object?.metadata.resourceVersion ? 'unchanged' : 'configured';
  }
}

function finished(
  state: KubectlState,
  done: Done,
  at: VirtualTime,
  status?: Status,
  error?: string,
  warnings?: readonly string[],
): KubectlStep {
  const [job, ...waiting] = state.waiting;
  if (job === undefined) return { state, requests: [] };
  const { asked, target } = job;
  const { resource, namespace, name } = target;
  const object = namespace === undefined ? `${resource}/${name}` : `${resource}/${namespace}/${name}`;
  const outcomes = [...state.outcomes, { at, asked, object, done, status, error, warnings }];
  const next = { ...state, tries: 0, waiting, outcomes };
  return { state: next, requests: firstRequest(next) };
}
