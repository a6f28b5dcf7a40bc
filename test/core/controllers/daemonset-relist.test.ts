/**
 * Aim: a DaemonSet that was made anew while the watch was broken waits for no Pod of the one before it. Method: the
 * controller's handler is told of it as an informer tells it after a relist, as an update.
 */
import { expect, test } from 'vitest';
import type { DaemonSet } from '../../../core/api/generated/types.ts';
import { expectCreations, newExpectations, satisfied } from '../../../core/client/expectations.ts';
import { daemonSetController } from '../../../core/controllers/daemonset.ts';
import { noFailedPods } from '../../../core/controllers/daemon/backoff.ts';
import { cachesOf } from '../../../sim/conformance/controllers/sync.ts';

const key = 'default/agent';
const set = (uid: string): DaemonSet =>
  ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default', uid },
  }) as unknown as DaemonSet;

test.each([
  ['the same one', 'first', false],
  ['another one of its name', 'second', true],
])('%s', (_, uid, isOwedNothing) => {
  const memory = { expectations: expectCreations(newExpectations(), key, 3, 0), failedPods: noFailedPods };
  const context = { seed: 'test', caches: cachesOf({ daemonsets: [set(uid)] }), memory, now: 0 };
  const delta = {
    stream: 'daemonsets',
    type: 'updated' as const,
    key,
    object: set(uid),
    before: set('first'),
  };
  const effects = daemonSetController.handle(context, delta);
  expect(effects?.mark).toEqual([key]);
  expect(satisfied((effects?.memory ?? memory).expectations, key, 0)).toBe(isOwedNothing);
});
