/**
 * Deployments in a small world: what the controller writes, in order, as stories that a person can read. Each test also
 * asserts the one thing it is about. `vitest -u` writes the stories anew.
 */
import { expect, test } from 'vitest';
import type { Deployment, Pod, ReplicaSet } from '../../../core/api/generated/types.ts';
import { keyOf } from '../../../core/api/object.ts';
import { forbiddenStatus } from '../../../core/api/status.ts';
import { millisecond, second } from '../../../core/time/time.ts';
import { podTemplate, Story } from './story.ts';
import type { Plain } from './world.ts';

const key = 'default/web';
const rolling = (maxSurge: number | string, maxUnavailable: number | string): Plain => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
});

/** A Deployment as the apiserver would have stored it. */
function begin(spec: Plain): Story {
  const story = new Story('deployment-controller');
  story.world.create('deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      template: podTemplate('img:1'),
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: rolling('25%', '25%'),
      ...spec,
    },
    status: {},
  });
  story.told.push('# img:1');
  story.until(3 * second);
  return story;
}

const change = ({ world }: Story, spec: Plain): void => {
  world.change('deployments', key, { spec });
};
const stored = ({ world }: Story): Deployment => {
  const found = world.get<Deployment>('deployments', key);
  if (found === undefined) throw new Error('the Deployment is gone');
  return found;
};
/** Size by image. */
const sizes = ({ world }: Story): Readonly<Record<string, number>> =>
  Object.fromEntries(
    world
      .list<ReplicaSet>('replicasets')
      .map(({ spec }) => [spec.template?.spec?.containers[0]?.image ?? '', spec.replicas ?? 0])
      .sort(),
  ) as Readonly<Record<string, number>>;
const conditionsOf = (story: Story): readonly string[] =>
  (stored(story).status.conditions ?? []).map(
    ({ type, status, reason = '' }) => `${type}=${status}(${reason})`,
  );

test('a rollout that is overtaken: what is new no longer goes like all that is old', async () => {
  const story = begin({});
  story.say('img:2, and before it is there, img:3');
  change(story, { template: podTemplate('img:2') });
  story.until(3 * second + 400 * millisecond);
  change(story, { template: podTemplate('img:3') });
  story.until(8 * second);
  expect(sizes(story)).toEqual({ 'img:1': 0, 'img:2': 0, 'img:3': 4 });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-rollover.txt');
});

test('a rollout that is stuck: scaled in proportion, late, and rolled back by the annotation', async () => {
  const story = begin({ replicas: 10, progressDeadlineSeconds: 10, strategy: rolling(3, 2) });
  story.broken.add('img:2');
  story.say('img:2 never becomes ready: two old Pods may be missed, three new ones may be too many');
  change(story, { template: podTemplate('img:2') });
  story.until(6 * second);
  expect(sizes(story)).toEqual({ 'img:1': 8, 'img:2': 5 });
  story.say('scaled to 20, each ReplicaSet has its share');
  change(story, { replicas: 20 });
  story.until(9 * second);
  expect(sizes(story)).toEqual({ 'img:1': 14, 'img:2': 9 });
  story.say('no progress for ten seconds');
  story.until(25 * second);
  expect(conditionsOf(story)).toContain('Progressing=False(ProgressDeadlineExceeded)');
  story.say('back to revision 1');
  story.world.change('deployments', key, {
    metadata: { annotations: { 'deprecated.deployment.rollback.to': '1' } },
  });
  story.until(32 * second);
  expect(sizes(story)).toEqual({ 'img:1': 20, 'img:2': 0 });
  expect(stored(story).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '3' });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-stuck.txt');
});

test('a Pod that is not ready long after the rollout: its deadline is no reason to look again and again', () => {
  const story = begin({ progressDeadlineSeconds: 10 });
  story.until(12 * second);
  const [pod] = story.world.list<Pod>('pods');
  if (pod === undefined) throw new Error('there is no Pod');
  story.world.change('pods', keyOf(pod), { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  story.until(30 * second);
  const { steps } = story.world;
  story.until(60 * second);
  expect(conditionsOf(story)).toEqual([
    'Available=True(MinimumReplicasAvailable)',
    'Progressing=True(NewReplicaSetAvailable)',
  ]);
  expect(stored(story).status.readyReplicas).toBe(3);
  expect(story.world.steps - steps).toBe(0);
});

test('a rollback that cannot be: the annotation goes all the same', async () => {
  const story = begin({});
  const rollbackTo = (revision: string): void => {
    story.world.change('deployments', key, {
      metadata: { annotations: { 'deprecated.deployment.rollback.to': revision } },
    });
  };
  story.say('to a revision that never was');
  rollbackTo('7');
  story.until(4 * second);
  story.say('to the last one, and there is none');
  rollbackTo('0');
  story.until(5 * second);
  story.say('to the one it has');
  rollbackTo('1');
  story.until(6 * second);
  expect(stored(story).metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-no-rollback.txt');
});

test('paused: it is scaled, and nothing is rolled out until it is resumed', async () => {
  const story = begin({});
  story.say('paused, with another template');
  change(story, { paused: true, template: podTemplate('img:2') });
  story.until(4 * second);
  story.say('scaled to 6');
  change(story, { replicas: 6 });
  story.until(5 * second);
  expect(sizes(story)).toEqual({ 'img:1': 6 });
  story.say('resumed');
  change(story, { paused: false });
  story.until(9 * second);
  expect(sizes(story)).toEqual({ 'img:1': 0, 'img:2': 6 });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-pause.txt');
});

test('Recreate: nothing new before the last old Pod is gone', async () => {
  const story = begin({ strategy: { type: 'Recreate' } });
  story.say('img:2');
  change(story, { template: podTemplate('img:2') });
  story.until(6 * second);
  expect(sizes(story)).toEqual({ 'img:1': 0, 'img:2': 4 });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-recreate.txt');
});

test('history: old ReplicaSets beyond the limit go, and one that is needed again has a new revision', async () => {
  const story = begin({ replicas: 1, revisionHistoryLimit: 1 });
  for (const [i, image] of ['img:2', 'img:3', 'img:2'].entries()) {
    story.say(image);
    change(story, { template: podTemplate(image) });
    story.until((6 + 3 * i) * second);
  }
  expect(sizes(story)).toEqual({ 'img:2': 1, 'img:3': 0 });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-history.txt');
});

test('two templates of one hash: the collision is counted, and the next name is another', async () => {
  const story = begin({});
  const [first] = story.world.list<ReplicaSet>('replicasets');
  story.say('the ReplicaSet is now of another template, and somebody else controls it');
  story.world.change('replicasets', `default/${first?.metadata.name ?? ''}`, {
    metadata: { ownerReferences: null, labels: { app: 'other' } },
    spec: { replicas: 0, template: podTemplate('img:other') },
  });
  story.until(6 * second);
  expect(stored(story).status.collisionCount).toBe(1);
  expect(sizes(story)).toEqual({ 'img:1': 4, 'img:other': 0 });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-collision.txt');
});

test('a ReplicaSet that may not be made: said in a condition, and tried again later and later', async () => {
  const story = begin({});
  story.refuse = ({ verb, resource }) =>
    verb === 'create' && resource === 'replicasets'
      ? forbiddenStatus('replicasets', 'web', 'exceeded quota: few')
      : undefined;
  story.say('img:2, and a quota on ReplicaSets');
  change(story, { template: podTemplate('img:2') });
  story.until(4 * second);
  expect(conditionsOf(story)).toContain('Progressing=False(ReplicaSetCreateError)');
  expect(story.world.list<Pod>('pods')).toHaveLength(4);
  story.say('the quota is raised');
  story.refuse = () => undefined;
  story.until(12 * second);
  expect(sizes(story)).toEqual({ 'img:1': 0, 'img:2': 4 });
  await expect(story.text()).toMatchFileSnapshot('transcripts/deployment-refused.txt');
});
