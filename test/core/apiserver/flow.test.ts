/**
 * Aim: a server with limits serves in order, late where it has to, and turns away what is too much; one without is not
 * changed by a thing. Method: requests handed to the reducer at chosen times, and what leaves it, as a transcript.
 */
import { expect, test } from 'vitest';
import { newApiserver, reduceApiserver, type ApiserverTag } from '../../../core/apiserver/apiserver.ts';
import {
  adminUser,
  superAdminUser,
  type UserInfo,
} from '../../../core/apiserver/authentication/identities.ts';
import type { FlowSpec } from '../../../core/apiserver/flow.ts';
import type { ApiserverEvent, ApiserverRequest } from '../../../core/apiserver/message.ts';
import type { ApiserverState } from '../../../core/apiserver/state.ts';
import type { ApiRequest } from '../../../core/api/request.ts';
import { millisecond, type VirtualTime } from '../../../core/time/time.ts';

const spec: FlowSpec = {
  cores: 1,
  cost: { read: 2 * millisecond, listedObject: 0, write: 10 * millisecond, watchEvent: 1 * millisecond },
  maxRequestsInflight: 3,
  maxMutatingRequestsInflight: 2,
};

/** A server whose caches are filled with nothing, which is taken for enough. */
function filled(flow: FlowSpec | undefined): ApiserverState {
  const state = newApiserver({ name: 'a', seed: 's', compactionInterval: 0, flow });
  return { ...state, caches: state.caches.map((cache) => ({ ...cache, phase: 'ready' as const })) };
}

const get = (name: string): ApiRequest => ({ verb: 'get', resource: 'nodes', name, resourceVersion: '0' });
const remove = (name: string): ApiRequest => ({ verb: 'delete', resource: 'nodes', name });

/** Requests by the millisecond at which they come; timers of the server are let ring. */
function transcript(
  flow: FlowSpec | undefined,
  script: readonly (readonly [at: number, what: ApiRequest | 'event', user?: UserInfo])[],
): string {
  let state = filled(flow);
  let revision = 1;
  const lines: string[] = [];
  const agenda: { at: VirtualTime; event: ApiserverEvent<ApiserverTag> }[] = script.map(
    ([at, what, user], call) =>
      ({
        at: at * millisecond,
        event:
          what === 'event'
            ? {
                type: 'etcdWatch',
                stream: 'nodes',
                response: { watchId: 1, revision: ++revision, created: false, events: [] },
              }
            : { type: 'request', call, userAgent: 'test', request: what, user: user ?? adminUser },
      }) as (typeof agenda)[number],
  );
  const say = (at: VirtualTime, text: string): void => {
    lines.push(`${(at / millisecond).toFixed(0)}ms ${text}`);
  };
  const told = (at: VirtualTime, request: ApiserverRequest<ApiserverTag>, took: number): void => {
    if (request.do === 'timer')
      agenda.push({ at: at + request.after, event: { type: 'timer', tag: request.tag } });
    else if (request.do === 'answer') say(at + took, `call ${request.call} answered ${request.answer.code}`);
    else say(at + took, `${request.do}`);
  };
  for (;;) {
    const at = Math.min(...agenda.map((entry) => entry.at));
    const next = agenda.findIndex((entry) => entry.at === at);
    const [entry] = next < 0 ? [] : agenda.splice(next, 1);
    if (entry === undefined) return lines.join('\n');
    const { event } = entry;
    if (event.type === 'request') say(at, `call ${event.call} ${event.request.verb}`);
    const step = reduceApiserver(state, event, at);
    state = step.state;
    for (const request of step.requests) told(at, request, step.took ?? 0);
  }
}

const busy = [
  [0, get('a')],
  [1, get('b')],
  [1, get('c')],
  [1, get('d')],
  [1, get('e'), superAdminUser],
  [9, get('f')],
] as const;

test('reads wait for the core in their order; one too many is turned away, a superuser never is', () => {
  expect(transcript(spec, busy)).toMatchInlineSnapshot(`
    "0ms call 0 get
    2ms call 0 answered 404
    1ms call 1 get
    1ms call 2 get
    1ms call 3 get
    1ms call 3 answered 429
    1ms call 4 get
    4ms call 1 answered 404
    6ms call 2 answered 404
    8ms call 4 answered 404
    9ms call 5 get
    11ms call 5 answered 404"
  `);
});

test('two cores serve two at once', () => {
  expect(transcript({ ...spec, cores: 2 }, busy)).toMatchInlineSnapshot(`
    "0ms call 0 get
    2ms call 0 answered 404
    1ms call 1 get
    3ms call 1 answered 404
    1ms call 2 get
    1ms call 3 get
    1ms call 3 answered 429
    1ms call 4 get
    4ms call 2 answered 404
    5ms call 4 answered 404
    9ms call 5 get
    11ms call 5 answered 404"
  `);
});

test('writes have a limit of their own, and are under way until etcd has answered', () => {
  expect(
    transcript(spec, [
      [0, remove('a')],
      [0, remove('b')],
      [1, remove('c')],
      [2, get('a')],
    ]),
  ).toMatchInlineSnapshot(`
    "0ms call 0 delete
    10ms etcd
    0ms call 1 delete
    1ms call 2 delete
    1ms call 2 answered 429
    2ms call 3 get
    20ms etcd
    22ms call 3 answered 404"
  `);
});

test('without limits nothing takes time', () => {
  expect(transcript(undefined, busy)).toMatchInlineSnapshot(`
    "0ms call 0 get
    0ms call 0 answered 404
    1ms call 1 get
    1ms call 1 answered 404
    1ms call 2 get
    1ms call 2 answered 404
    1ms call 3 get
    1ms call 3 answered 404
    1ms call 4 get
    1ms call 4 answered 404
    9ms call 5 get
    9ms call 5 answered 404"
  `);
});
