/**
 * Aim: a request that goes straight to its verb comes to what it comes to where everything about it is looked at.
 * Method: two clusters are asked the same; one hears which version is spoken, which closes no door but the straight one.
 */
import { expect, test } from 'vitest';
import type { ApiRequest, NewObject } from '../../../core/api/request.ts';
import { Cluster } from './cluster.ts';
import { binding, namespace, pod } from './objects.ts';

const event = (name: string, fields: object = {}, metadata: object = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: 'default', ...metadata },
  ...{ involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' }, reason: 'Started', message: 'up' },
  ...fields,
});

/** As a component's recorder writes it. */
const recorded = (name: string, fields: object = {}): NewObject =>
  event(name, {
    involvedObject: {
      kind: 'Pod',
      namespace: 'default',
      name: 'a',
      uid: 'u',
      fieldPath: 'spec.containers{c}',
    },
    source: { component: 'kubelet', host: 'node-1' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'kubelet',
    reportingInstance: 'node-1',
    ...fields,
  });

const newer = {
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  count: undefined,
  eventTime: '2026-01-01T00:00:00.000000Z',
  action: 'Binding',
};

const told = (object: NewObject, options: object = {}): ApiRequest => ({
  verb: 'create',
  resource: 'events',
  namespace: 'default',
  object,
  ...options,
});

const status = (name: string, patch: unknown, options: object = {}): ApiRequest =>
  ({
    verb: 'patch',
    resource: 'pods',
    subresource: 'status',
    namespace: 'default',
    name,
    patchType: 'merge',
    patch,
    ...options,
  }) as ApiRequest;

const bound = (
  name: string,
  object: NewObject = binding(name, 'node-1'),
  options: object = {},
): ApiRequest => ({
  verb: 'create',
  resource: 'pods',
  subresource: 'binding',
  namespace: 'default',
  name,
  object,
  ...options,
});

const created = (object: NewObject, resource = 'pods'): ApiRequest => ({
  verb: 'create',
  resource,
  namespace: resource === 'pods' ? 'default' : undefined,
  object,
});

const running = { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] };

const stories: Readonly<Record<string, readonly ApiRequest[]>> = {
  'an Event': [told(event('a.1'))],
  'Events of recorders': [
    told(recorded('a.1')),
    told(recorded('a.1')),
    told(recorded('a.2', newer)),
    told(recorded('a.3', { ...newer, action: '' })),
  ],
  'Events of no recorder': [
    told(recorded('a.1', { unknown: 1 })),
    told(recorded('a.2', { count: '1' })),
    told(recorded('a.3', { count: 1.5 })),
    told(recorded('a.4', { message: 7 })),
    told(recorded('a.5', { firstTimestamp: 'today' })),
    told(recorded('a.6', { eventTime: '2026-01-01T00:00:00Z' })),
    told(recorded('a.7', { source: { component: 'kubelet', port: 1 } })),
    told(recorded('a.8', { source: 'kubelet' })),
    told(recorded('a.9', { involvedObject: { kind: 'Pod', namespace: 'default', name: 7 } })),
    told(recorded('a.10', { involvedObject: undefined })),
    told(recorded('a.11', { series: { count: 2 } })),
    told(recorded('a.12', { reportingInstance: undefined, type: null })),
  ],
  'an Event that is there': [told(event('a.1')), told(event('a.1'))],
  'Events that say more': [
    told(event('a.1', {}, { labels: { app: 'web' } })),
    told(event('a.2', { count: 2, series: { count: 2 }, unknown: 1 })),
    told(event('a.3', {}, { generateName: 'a-', uid: 'mine' })),
    told(event('a.4'), { fieldManager: 'me' }),
    told(event('a.5'), { dryRun: 'All' }),
    told(event('a.6', { unknown: 1 }), { fieldValidation: 'Strict' }),
  ],
  'Events that cannot be': [
    told(event('A_1')),
    told(event('a.1', { involvedObject: { namespace: 'other' } })),
    told(event('a.1', { eventTime: '2026-01-01T00:00:00.000000Z' })),
    told(event('a.1', {}, { namespace: 'other' })),
    told(event('a.1', {}, { resourceVersion: '7' })),
    told({ ...event('a.1'), kind: 'Pod' }),
    told(event('a.1', {}, { namespace: 'nowhere' }), { namespace: 'nowhere' }),
  ],
  'a namespace that goes': [
    created(namespace('other'), 'namespaces'),
    { verb: 'delete', resource: 'namespaces', name: 'other' },
    told(event('a.1', { involvedObject: { namespace: 'other' } }, { namespace: 'other' }), {
      namespace: 'other',
    }),
  ],
  'a Pod is bound and runs': [
    created(pod('a')),
    bound('a'),
    status('a', { status: running }),
    status('a', { status: running }),
    status('a', { status: { podIP: null, podIPs: null, phase: 'Failed' } }),
  ],
  'bindings that cannot be': [
    created(pod('a')),
    bound('b'),
    bound('a', binding('b', 'node-1')),
    bound('a', binding('a', '')),
    bound('a', binding('a', 'node-1'), { dryRun: 'All' }),
    bound('a', { ...binding('a', 'node-1'), metadata: { name: 'a', uid: 'another' } }),
    bound('a'),
    bound('a'),
  ],
  'statuses that say more, or cannot be': [
    created(pod('a', { finalizers: ['example.com/held'] })),
    status('b', { status: running }),
    status('a', {}),
    status('a', { status: null }),
    status('a', { status: 'Running' }),
    status('a', { status: running, spec: { nodeName: 'x' } }),
    status('a', { metadata: { labels: { app: 'web' } }, status: { phase: 'Pending' } }),
    status('a', { metadata: { uid: 'another' }, status: { phase: 'Failed' } }),
    status('a', { status: { qosClass: 'Guaranteed' } }),
    status('a', { status: { podIPs: [{ ip: 'x' }] } }),
    status('a', { status: { conditions: [{ type: 'no/such/type', status: 'True' }] } }),
    status('a', { status: { phase: 'Running' } }, { dryRun: 'All' }),
    status('a', { status: { phase: 'Running' } }, { fieldManager: 'kubelet' }),
    status('a', { status: { phase: 'Running' } }, { force: true }),
  ],
  'an owned Pod': [
    { ...created(pod('a')), fieldManager: 'me' } as ApiRequest,
    status('a', { status: running }, { fieldManager: 'kubelet' }),
    status('a', { status: { ...running, message: 'again' } }),
  ],
};

const closed = (request: ApiRequest): ApiRequest => ({ ...request, version: 'v1' });

test.each(Object.entries(stories))('%s', (_, requests) => {
  const [straight, long] = [new Cluster(), new Cluster()];
  for (const request of requests) expect(straight.call(request)).toEqual(long.call(closed(request)));
  for (const resource of ['pods', 'events'])
    expect(straight.call({ verb: 'list', resource })).toEqual(long.call({ verb: 'list', resource }));
  expect(straight.revision).toBe(long.revision);
});

test('a cache that is behind makes no difference', () => {
  const clusters = [new Cluster(2), new Cluster(2)];
  const answers = clusters.map((cluster, i) => {
    const asked = (request: ApiRequest): ApiRequest => (i === 0 ? request : closed(request));
    cluster.call(asked(created(pod('a'))));
    cluster.hold(0);
    cluster.call(asked(status('a', { status: { message: 'of another server' } })), 1);
    return [asked(status('a', { status: running })), asked(bound('a'))].map((request) =>
      cluster.call(request),
    );
  });
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]?.map(({ ok }) => ok)).toEqual([true, true]);
});
