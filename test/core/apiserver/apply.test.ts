/**
 * Aim: server-side apply through an apiserver: creation, conflicts, force, who owns what after the writes of others, the
 * subresources, dry runs, and a race of two. Method: stories that show the owners after each write; what the real 1.34.1
 * makes of single objects is in the conformance suite.
 */
import { expect, test } from 'vitest';
import type { Json } from '../../../core/api/generated/types.ts';
import { fromFieldsV1, pathsOf, pathText } from '../../../core/api/patch/field-set.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type { PatchRequest } from '../../../core/api/request.ts';
import { Cluster } from './cluster.ts';
import { configMap, deployment } from './objects.ts';
import { Story } from './story.ts';

const maps = { resource: 'configmaps', namespace: 'default' } as const;
const workloads = { resource: 'deployments', namespace: 'default' } as const;

const mapConfig = (name: string, data: Readonly<Record<string, string>>): Json =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }) as Json;

const apply = (
  target: { readonly resource: string; readonly namespace: string },
  name: string,
  fieldManager: string | undefined,
  patch: Json,
  more: Partial<PatchRequest> = {},
): PatchRequest => ({ verb: 'patch', ...target, name, fieldManager, patchType: 'apply', patch, ...more });

/** `kubectl (Apply): .data.a`: one line for each owner. */
const ownersOf = ({ metadata }: ApiObject): readonly string[] =>
  (metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => {
    const set = fromFieldsV1(fieldsV1);
    const paths = set === undefined ? [] : pathsOf(set).map((path) => pathText(path));
    return `${manager} (${operation}${subresource === undefined ? '' : ` ${subresource}`}): ${paths.join(' ')}`;
  });

function showOwners(
  story: Story,
  target: { readonly resource: string; readonly namespace: string },
  name: string,
): void {
  const owners = ownersOf(story.cluster.object({ verb: 'get', ...target, name }));
  story.note(owners.length === 0 ? ['nobody is known to own a field'] : owners);
}

const stories: Readonly<Record<string, () => Story>> = {
  'apply-and-conflict': () => {
    const story = new Story();
    story.watch('all', { resource: 'configmaps' });
    story.say('An apply says as whom. What is not there is created; the same again changes nothing.');
    story.call(apply(maps, 'settings', undefined, mapConfig('settings', { a: '1' })));
    story.call(apply(maps, 'settings', 'ann', mapConfig('settings', { a: '1', b: '1' })));
    showOwners(story, maps, 'settings');
    story.call(apply(maps, 'settings', 'ann', mapConfig('settings', { a: '1', b: '1' })));
    story.say('Another may apply fields of his own, and the same value; another value is a conflict.');
    story.call(apply(maps, 'settings', 'bob', mapConfig('settings', { a: '1', c: '1' })));
    showOwners(story, maps, 'settings');
    story.call(apply(maps, 'settings', 'bob', mapConfig('settings', { a: '2', b: '2', c: '1' })));
    story.say(
      'Force takes the field. What an applier applies no more goes, unless somebody else owns it too.',
    );
    story.call(apply(maps, 'settings', 'bob', mapConfig('settings', { a: '2' }), { force: true }));
    showOwners(story, maps, 'settings');
    story.say('An ordinary write takes what it changes, and an apply by others finds that.');
    story.call({ verb: 'patch', ...maps, name: 'settings', patchType: 'merge', patch: { data: { b: '3' } } });
    showOwners(story, maps, 'settings');
    story.call(apply(maps, 'settings', 'ann', mapConfig('settings', { b: '1' })));
    story.say(
      'Only an apply may be forced; a configuration says no owners and no other name; nulls and types are looked at.',
    );
    story.call({ verb: 'patch', ...maps, name: 'settings', patchType: 'merge', patch: {}, force: true });
    story.call(
      apply(maps, 'settings', 'ann', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', managedFields: [] },
      }),
    );
    story.call(apply(maps, 'settings', 'ann', mapConfig('other', {})));
    story.call(apply(maps, 'nosuch', 'ann', mapConfig('other', {})));
    story.call(
      apply(maps, 'settings', 'ann', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'settings' } }),
    );
    story.call(
      apply(maps, 'settings', 'ann', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings' },
        dat: {},
      }),
    );
    return story;
  },

  'apply-after-others': () => {
    const story = new Story();
    story.say(
      'What a component made has no owners until it is applied to; then all of it is before-first-apply.',
    );
    story.call({ verb: 'create', ...maps, object: configMap('made', { a: '1', b: '1' }) });
    showOwners(story, maps, 'made');
    story.call(apply(maps, 'made', 'ann', mapConfig('made', { a: '1', b: '2' })));
    story.call(apply(maps, 'made', 'ann', mapConfig('made', { a: '1', c: '1' })));
    showOwners(story, maps, 'made');
    story.say('What kubectl made is followed from the start: the conflict is with who really wrote.');
    story.call({
      verb: 'create',
      ...maps,
      object: configMap('own', { a: '1', b: '1' }),
      fieldManager: 'kubectl-create',
    });
    showOwners(story, maps, 'own');
    story.call({
      verb: 'update',
      ...maps,
      name: 'own',
      object: configMap('own', { a: '2', b: '1' }),
      fieldManager: 'kubectl-edit',
    });
    showOwners(story, maps, 'own');
    story.call(apply(maps, 'own', 'ann', mapConfig('own', { a: '1', b: '2' })));
    story.say('A dry run tells what would be, and writes nothing.');
    story.call(apply(maps, 'own', 'ann', mapConfig('own', { a: '1' }), { force: true, dryRun: 'All' }));
    story.call(apply(maps, 'new', 'ann', mapConfig('new', { a: '1' }), { dryRun: 'All' }));
    story.call({ verb: 'get', ...maps, name: 'new' });
    showOwners(story, maps, 'own');
    return story;
  },

  'apply-subresources': () => {
    const story = new Story();
    story.say("Defaults are nobody's in an apply; validation judges what comes out.");
    story.call(apply(workloads, 'web', 'ann', deployment('web', 3) as unknown as Json));
    showOwners(story, workloads, 'web');
    story.call(apply(workloads, 'web', 'ann', { ...deployment('web', -1) } as unknown as Json));
    story.say(
      'Who scales takes the replicas; the applier who still has them in his configuration hears of it.',
    );
    story.call({
      verb: 'patch',
      ...workloads,
      name: 'web',
      subresource: 'scale',
      patchType: 'merge',
      patch: { spec: { replicas: 5 } },
    });
    showOwners(story, workloads, 'web');
    story.call(apply(workloads, 'web', 'ann', deployment('web', 3) as unknown as Json));
    const scale: Json = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'web' },
      spec: { replicas: 7 },
    };
    story.call(apply(workloads, 'web', 'scaler', scale, { subresource: 'scale' }));
    story.call(apply(workloads, 'web', 'scaler', scale, { subresource: 'scale', force: true }));
    showOwners(story, workloads, 'web');
    story.say(
      'The status is a door of its own, with owners of its own; there must be something to apply it to.',
    );
    const status: Json = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      status: { replicas: 7 },
    };
    story.call(apply(workloads, 'web', 'controller', status, { subresource: 'status' }));
    story.call(apply(workloads, 'none', 'controller', status, { subresource: 'status' }));
    showOwners(story, workloads, 'web');
    return story;
  },
};

test.each(Object.keys(stories))('%s', async (name) => {
  const story = stories[name];
  if (story === undefined) throw new Error(`no story ${name}`);
  await expect(story().text()).toMatchFileSnapshot(`transcripts/${name}.txt`);
});

test('who creates by an apply what another has just created applies to that', () => {
  const cluster = new Cluster(2);
  const calls: number[] = [];
  cluster.atOnce(() => {
    for (const [server, manager] of ['ann', 'bob'].entries())
      calls.push(cluster.begin(apply(maps, 'new', manager, mapConfig('new', { [manager]: '1' })), server));
  });
  expect(calls.map((call) => cluster.answerTo(call)?.code)).toEqual([201, 200]);
  const made = cluster.object({ verb: 'get', ...maps, name: 'new' });
  expect((made as ApiObject & { readonly data: object }).data).toEqual({ ann: '1', bob: '1' });
  expect(ownersOf(made)).toEqual(['ann (Apply): .data.ann', 'bob (Apply): .data.bob']);
});
