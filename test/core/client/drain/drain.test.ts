/**
 * Aim: which Pods a drain takes, and what it does when the server has something against it. Method: a table of Pods and flags;
 * and a drain whose requests are answered by hand, told as what it printed and asked for.
 */
import { expect, test } from 'vitest';
import type { Pod } from '../../../../core/api/generated/types.ts';
import type { ApiObject } from '../../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest, Status } from '../../../../core/api/request.ts';
import { forbiddenStatus, notFound, tooManyRequests } from '../../../../core/api/status.ts';
import {
  newDrain,
  onDrainAnswer,
  onDrainTimer,
  type DrainTurn,
} from '../../../../core/client/drain/drain.ts';
import { verdictOf, type DrainOptions } from '../../../../core/client/drain/filter.ts';
import { second, timeText } from '../../../../core/time/time.ts';

const options: DrainOptions = {
  ignoreDaemonSets: false,
  force: false,
  deleteEmptyDirData: false,
  gracePeriodSeconds: undefined,
  timeout: 0,
  podSelector: '',
};

const owned = (kind: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'owner', uid: 'o', controller: true }],
});

const pod = (name: string, metadata: object = {}, spec: object = {}, phase = 'Running'): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', ...metadata },
    spec: { containers: [], ...spec },
    status: { phase },
  }) as unknown as Pod;

const scratch = { volumes: [{ name: 'scratch', emptyDir: {} }] };
const missing: Status = notFound('daemonsets', 'owner');

test.each<
  [what: string, pod: Pod, flags: Partial<DrainOptions>, missing: Status | undefined, verdict: string]
>([
  ['of a ReplicaSet', pod('a', owned('ReplicaSet')), {}, undefined, 'goes'],
  [
    'of nobody',
    pod('a'),
    {},
    undefined,
    'stays, error: cannot delete Pods that declare no controller (use --force to override)',
  ],
  [
    'of nobody, forced',
    pod('a'),
    { force: true },
    undefined,
    'goes, warning: deleting Pods that declare no controller',
  ],
  ['of nobody that has ended', pod('a', {}, {}, 'Succeeded'), {}, undefined, 'goes'],
  [
    'of a DaemonSet',
    pod('a', owned('DaemonSet')),
    { force: true },
    undefined,
    'stays, error: DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
  ],
  [
    'of a DaemonSet, ignored',
    pod('a', owned('DaemonSet')),
    { ignoreDaemonSets: true },
    undefined,
    'stays, warning: ignoring DaemonSet-managed Pods',
  ],
  ['of a DaemonSet that has ended', pod('a', owned('DaemonSet'), {}, 'Failed'), {}, undefined, 'goes'],
  [
    'of a DaemonSet that is gone',
    pod('a', owned('DaemonSet')),
    { ignoreDaemonSets: true },
    missing,
    'stays, error: daemonsets.apps "owner" not found',
  ],
  ['of a DaemonSet that is gone, forced', pod('a', owned('DaemonSet')), { force: true }, missing, 'goes'],
  ['of a kubelet', pod('a', { annotations: { 'kubernetes.io/config.mirror': 'x' } }), {}, undefined, 'stays'],
  [
    'with local data',
    pod('a', owned('Job'), scratch),
    {},
    undefined,
    'stays, error: Pods with local storage (use --delete-emptydir-data to override)',
  ],
  [
    'with local data that may go',
    pod('a', owned('Job'), scratch),
    { deleteEmptyDirData: true },
    undefined,
    'goes',
  ],
])('a Pod %s', (_, given, flags, why, verdict) => {
  const { goes, say } = verdictOf(given, { ...options, ...flags }, why);
  expect(`${goes ? 'goes' : 'stays'}${say === undefined ? '' : `, ${say.as}: ${say.text}`}`).toBe(verdict);
});

const ok = (object: unknown): ApiAnswer => ({ ok: true, code: 200, object: object as ApiObject });
const no = (status: Status): ApiAnswer => ({ ok: false, code: status.code, status });
const page = (items: readonly Pod[], token = ''): ApiAnswer => ({
  ok: true,
  code: 200,
  list: { view: undefined as never, resourceVersion: '1', page: { items, continue: token } },
});

const asked = (request: ApiRequest): string =>
  [
    request.verb,
    request.resource,
    ...('subresource' in request && request.subresource !== undefined ? [request.subresource] : []),
    ...('name' in request && request.name !== undefined ? [request.name] : []),
    ...('continue' in request && request.continue !== undefined ? [`from ${request.continue}`] : []),
  ].join(' ');

/** What a drain prints and asks for, where each request is answered by `answer` at once; timers wait. */
function drained(flags: Partial<DrainOptions>, answer: (what: string, count: number) => ApiAnswer): string {
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const waiting: { readonly at: number; readonly run: (now: number) => DrainTurn }[] = [];
  let turn = newDrain('node-1', { ...options, ...flags });
  for (let now = 0, steps = 0; steps < 100; steps++) {
    lines.push(...turn.said.map((text) => `${now / second}s ${text}`));
    for (const { step, request, after = 0 } of turn.wishes)
      waiting.push({
        at: now + after,
        run: (at) => {
          if (request === undefined) return onDrainTimer(turn.drain, step, at);
          const what = asked(request);
          const count = counts.get(what) ?? 0;
          counts.set(what, count + 1);
          lines.push(`${at / second}s   ${what}`);
          return onDrainAnswer(turn.drain, step, answer(what, count), at);
        },
      });
    if (turn.ended !== undefined) {
      expect(waiting).toEqual([]);
      lines.push(`ended ${turn.ended.status?.message ?? turn.ended.error ?? 'well'}`);
      break;
    }
    const at = Math.min(...waiting.map((entry) => entry.at));
    const [next] = waiting.splice(
      waiting.findIndex((entry) => entry.at === at),
      1,
    );
    if (next === undefined) break;
    now = at;
    turn = next.run(now);
  }
  return lines.join('\n');
}

const node = (unschedulable?: boolean): ApiAnswer =>
  ok({ metadata: { name: 'node-1' }, spec: { unschedulable } });
const web = pod('web', owned('ReplicaSet'));

test('a node that is not there is not drained', () => {
  expect(drained({}, () => no(notFound('nodes', 'node-1')))).toBe(
    '0s   get nodes node-1\nended nodes "node-1" not found',
  );
});

test('who may not cordon goes on all the same; a long list comes in parts; a Pod that is gone needs no eviction', () => {
  const told = drained({}, (what) => {
    if (what === 'get nodes node-1') return node();
    if (what === 'patch nodes node-1') return no(forbiddenStatus('nodes', 'node-1', 'no'));
    if (what === 'list pods') return page([web], 'here');
    if (what === 'list pods from here') return page([pod('job', owned('Job'))]);
    return what.startsWith('create') ? no(notFound('pods', 'web')) : ok(web);
  });
  expect(told).toMatchInlineSnapshot(`
    "0s   get nodes node-1
    0s   patch nodes node-1
    0s error: unable to cordon node "node-1": nodes "node-1" is forbidden: no
    0s   list pods
    0s   list pods from here
    0s evicting pod default/web
    0s evicting pod default/job
    0s   create pods eviction web
    0s   create pods eviction job
    0s node/node-1 drained
    ended well"
  `);
});

test('in a namespace that is being deleted, a Pod that is not yet is looked at again', () => {
  const terminating: Status = {
    ...forbiddenStatus('pods', 'web', 'the namespace is being terminated'),
    details: { causes: [{ reason: 'NamespaceTerminating' }] },
  };
  const leaving = pod('web', { ...owned('ReplicaSet'), deletionTimestamp: timeText(0) });
  const told = drained({}, (what, count) => {
    if (what === 'get nodes node-1') return node(true);
    if (what === 'list pods') return page([web]);
    if (what === 'create pods eviction web') return no(terminating);
    return [ok(web), ok(leaving), ok(leaving)][count] ?? no(notFound('pods', 'web'));
  });
  expect(told).toMatchInlineSnapshot(`
    "0s   get nodes node-1
    0s node/node-1 already cordoned
    0s   list pods
    0s evicting pod default/web
    0s   create pods eviction web
    0s error when evicting pod "web" from terminating namespace "default" (will retry after 5s): pods "web" is forbidden: the namespace is being terminated
    5s evicting pod default/web
    5s   get pods web
    5s   create pods eviction web
    5s error when evicting pod "web" from terminating namespace "default" (will retry after 5s): pods "web" is forbidden: the namespace is being terminated
    10s evicting pod default/web
    10s   get pods web
    10s   create pods eviction web
    10s   get pods web
    11s   get pods web
    11s pod/web evicted
    11s node/node-1 drained
    ended well"
  `);
});

test('a Pod that stops too slowly, and one that may not be evicted, are told together with who is left', () => {
  const told = drained({ timeout: 2 * second }, (what, count) => {
    if (what === 'get nodes node-1') return node(true);
    if (what === 'list pods') return count === 0 ? page([web, pod('db', owned('StatefulSet'))]) : page([web]);
    if (what === 'create pods eviction db') return no(forbiddenStatus('pods', 'db', 'not you'));
    return ok(web);
  });
  expect(told).toMatchInlineSnapshot(`
    "0s   get nodes node-1
    0s node/node-1 already cordoned
    0s   list pods
    0s evicting pod default/web
    0s evicting pod default/db
    0s   create pods eviction web
    0s   create pods eviction db
    0s   get pods web
    1s   get pods web
    2s   get pods web
    2s   list pods
    2s There are pending pods in node "node-1" when an error occurred: [error when evicting pods/"db" -n "default": pods "db" is forbidden: not you, error when waiting for pod "web" in namespace "default" to terminate: global timeout reached: 2s]
    2s pod/web
    2s error: unable to drain node "node-1" due to error: [error when evicting pods/"db" -n "default": pods "db" is forbidden: not you, error when waiting for pod "web" in namespace "default" to terminate: global timeout reached: 2s], continuing command...
    2s There are pending nodes to be drained:
    2s  node-1
    2s [error when evicting pods/"db" -n "default": pods "db" is forbidden: not you, error when waiting for pod "web" in namespace "default" to terminate: global timeout reached: 2s]
    ended [error when evicting pods/"db" -n "default": pods "db" is forbidden: not you, error when waiting for pod "web" in namespace "default" to terminate: global timeout reached: 2s]"
  `);
});

test('a budget is asked again until the time is up; whoever has come back under the name is another', () => {
  const told = drained({ timeout: 12 * second }, (what, count) => {
    if (what === 'get nodes node-1') return node(true);
    if (what === 'list pods')
      return count === 0 ? page([web, pod('db', owned('StatefulSet'))]) : no(notFound('pods', ''));
    if (what === 'create pods eviction web') return no(tooManyRequests('not now', 0));
    return what.startsWith('create') ? ok(undefined) : ok(pod('db', { uid: 'another' }));
  });
  expect(told).toMatchInlineSnapshot(`
    "0s   get nodes node-1
    0s node/node-1 already cordoned
    0s   list pods
    0s evicting pod default/web
    0s evicting pod default/db
    0s   create pods eviction web
    0s error when evicting pods/"web" -n "default" (will retry after 5s): not now
    0s   create pods eviction db
    0s   get pods db
    0s pod/db evicted
    5s evicting pod default/web
    5s   create pods eviction web
    5s error when evicting pods/"web" -n "default" (will retry after 5s): not now
    10s evicting pod default/web
    10s   create pods eviction web
    10s error when evicting pods/"web" -n "default" (will retry after 5s): not now
    15s evicting pod default/web
    15s   list pods
    15s Following errors occurred while getting the list of pods to delete:
    15s pods "" not found
    15s error: unable to drain node "node-1" due to error: error when evicting pods/"web" -n "default": global timeout reached: 12s, continuing command...
    15s There are pending nodes to be drained:
    15s  node-1
    15s error when evicting pods/"web" -n "default": global timeout reached: 12s
    ended error when evicting pods/"web" -n "default": global timeout reached: 12s"
  `);
});
