/**
 * StatefulSets in a small world: what the controller writes, in order, as stories that a person can read. Each test also
 * asserts the one thing it is about. `vitest -u` writes the stories anew.
 */
import { expect, test } from 'vitest';
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
} from '../../../core/api/generated/types.ts';
import { forbiddenStatus } from '../../../core/api/status.ts';
import { second } from '../../../core/time/time.ts';
import { podTemplate, Story } from './story.ts';
import type { Plain } from './world.ts';

const key = 'default/db';
const claimTemplate = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

/** A StatefulSet as the apiserver would have stored it. */
function begin(spec: Plain): Story {
  const story = new Story('statefulset-controller');
  story.world.create('statefulsets', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas: 3,
      serviceName: 'db',
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'web' } },
      template: podTemplate('img:1'),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
    status: { replicas: 0 },
  });
  story.told.push('# img:1');
  story.until(6 * second);
  return story;
}

const change = ({ world }: Story, spec: Plain): void => {
  world.change('statefulsets', key, { spec });
};
const podsOf = ({ world }: Story): readonly string[] =>
  world.list<Pod>('pods').map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0]?.image ?? ''}`);
const claimsOf = ({ world }: Story): readonly string[] =>
  world
    .list<PersistentVolumeClaim>('persistentvolumeclaims')
    .map(({ metadata: { name, ownerReferences = [] } }) =>
      [name, ...ownerReferences.map((owner) => owner.kind)].join(' '),
    );
const statusOf = ({ world }: Story): StatefulSet['status'] | undefined =>
  world.get<StatefulSet>('statefulsets', key)?.status;

test('in order: one Pod after the other up, down, and through an update with a partition', async () => {
  const story = begin({});
  story.say('img:2 for those from 1 on');
  change(story, {
    template: podTemplate('img:2'),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
  });
  story.until(12 * second);
  expect(podsOf(story)).toEqual(['db-0 img:1', 'db-1 img:2', 'db-2 img:2']);
  expect(statusOf(story)).toMatchObject({ currentReplicas: 1, updatedReplicas: 2 });
  story.say('down to one');
  change(story, { replicas: 1 });
  story.until(15 * second);
  expect(podsOf(story)).toEqual(['db-0 img:1']);
  story.say('without a partition');
  change(story, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
  story.until(18 * second);
  expect(podsOf(story)).toEqual(['db-0 img:2']);
  expect(statusOf(story)?.currentRevision).toBe(statusOf(story)?.updateRevision);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-ordered.txt');
});

test('Parallel: all at once up and down, in batches that grow, and one by one through an update', async () => {
  const story = begin({ replicas: 5, podManagementPolicy: 'Parallel' });
  story.say('img:2');
  change(story, { template: podTemplate('img:2') });
  story.until(13 * second);
  expect(podsOf(story).every((pod) => pod.endsWith('img:2'))).toBe(true);
  story.say('down to one');
  change(story, { replicas: 1 });
  story.until(14 * second);
  expect(podsOf(story)).toEqual(['db-0 img:2']);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-parallel.txt');
});

test('a broken rollout is stuck though its template is mended, until the Pod is deleted by hand', async () => {
  const story = begin({});
  story.broken.add('img:2');
  story.say('img:2 never becomes ready');
  change(story, { template: podTemplate('img:2') });
  story.until(9 * second);
  story.say('back to img:1, whose revision is the newest again');
  change(story, { template: podTemplate('img:1') });
  story.until(12 * second);
  expect(podsOf(story)).toEqual(['db-0 img:1', 'db-1 img:1', 'db-2 img:2']);
  story.say('db-2 is deleted by hand');
  story.world.delete('pods', 'default/db-2');
  story.until(15 * second);
  expect(podsOf(story)).toEqual(['db-0 img:1', 'db-1 img:1', 'db-2 img:1']);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-stuck.txt');
});

test('a Pod that has ended is deleted, and made anew when it is gone', async () => {
  const story = begin({ replicas: 2 });
  story.say('db-0 fails');
  story.world.change('pods', 'default/db-0', { status: { phase: 'Failed', conditions: [] } });
  story.until(9 * second);
  expect(podsOf(story)).toEqual(['db-0 img:1', 'db-1 img:1']);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-failed-pod.txt');
});

test('a Pod is available after minReadySeconds, and only then comes the next; ordinals may begin elsewhere', async () => {
  const story = begin({ replicas: 2, minReadySeconds: 3, ordinals: { start: 5 } });
  story.until(15 * second);
  expect(podsOf(story)).toEqual(['db-5 img:1', 'db-6 img:1']);
  expect(statusOf(story)?.availableReplicas).toBe(2);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-min-ready.txt');
});

test('claims stay when their Pod is scaled away and when the set is deleted, unless the policy says Delete', async () => {
  const story = begin({ replicas: 2, volumeClaimTemplates: [claimTemplate] });
  story.say('down to one: the claim stays');
  change(story, { replicas: 1 });
  story.until(9 * second);
  expect(claimsOf(story)).toEqual(['data-db-0', 'data-db-1']);
  story.say('two again, on the old claim; then both policies are Delete');
  change(story, { replicas: 2 });
  story.until(12 * second);
  change(story, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } });
  story.until(15 * second);
  expect(claimsOf(story)).toEqual(['data-db-0 StatefulSet', 'data-db-1 StatefulSet']);
  story.say('down to one: the claim belongs to its Pod, and goes with it');
  change(story, { replicas: 1 });
  story.until(18 * second);
  expect(claimsOf(story)).toEqual(['data-db-0 StatefulSet']);
  story.say('the set is deleted');
  story.world.delete('statefulsets', key);
  story.until(21 * second);
  expect(claimsOf(story)).toEqual([]);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-claims.txt');
});

test('a claim that may not be made: no Pod either, and both say why', async () => {
  const story = begin({ replicas: 0, volumeClaimTemplates: [claimTemplate] });
  story.refuse = ({ verb, resource }) =>
    verb === 'create' && resource === 'persistentvolumeclaims'
      ? forbiddenStatus('persistentvolumeclaims', 'data-db-0', 'exceeded quota: few')
      : undefined;
  story.say('one Pod, and a quota on claims: it is tried again later and later');
  change(story, { replicas: 1 });
  story.until(8 * second);
  expect(podsOf(story)).toEqual([]);
  story.say('the quota is raised');
  story.refuse = () => undefined;
  story.until(12 * second);
  expect(podsOf(story)).toEqual(['db-0 img:1']);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-refused.txt');
});

test('history: revisions no Pod is of are kept up to the limit, the oldest go first', async () => {
  const story = begin({ replicas: 1, revisionHistoryLimit: 1 });
  for (const [i, image] of ['img:2', 'img:3', 'img:4', 'img:3'].entries()) {
    story.say(image);
    change(story, { template: podTemplate(image) });
    story.until((9 + 3 * i) * second);
  }
  const revisions = story.world
    .list<ControllerRevision>('controllerrevisions')
    .map(({ revision }) => revision);
  expect(revisions.toSorted()).toEqual([4, 5]);
  await expect(story.text()).toMatchFileSnapshot('transcripts/statefulset-history.txt');
});
