/**
 * Aim: a dry run is answered as the request would be, and nothing comes of it: no revision, no event, no budget spent. What
 * is wrong is refused all the same. Method: a story of each verb, and etcd's revision before and after.
 */
import { expect, test } from 'vitest';
import type { Json } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { binding, configMap, deployment, pod } from './objects.ts';
import { Story } from './story.ts';

const inDefault = { namespace: 'default' } as const;
const maps = { resource: 'configmaps', ...inDefault } as const;
const pods = { resource: 'pods', ...inDefault } as const;
const workloads = { resource: 'deployments', ...inDefault } as const;
const dryRun = 'All';

const eviction = (name: string): NewObject => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name },
});

function story(): Story {
  const told = new Story();
  told.call({ verb: 'create', ...maps, object: configMap('kept', { a: '1' }) });
  told.call({ verb: 'create', ...workloads, object: deployment('web') });
  told.call({ verb: 'create', ...pods, object: pod('free') });
  told.call({ verb: 'create', ...pods, object: pod('bound') });
  told.call({
    verb: 'create',
    ...pods,
    name: 'bound',
    subresource: 'binding',
    object: binding('bound', 'n'),
  });
  told.watch('maps', { resource: 'configmaps', resourceVersion: `${told.cluster.revision}` });
  told.watch('pods', { resource: 'pods', resourceVersion: `${told.cluster.revision}` });
  const before = told.cluster.revision;

  told.say('A creation: with its defaults, and without a resourceVersion. A name that is taken is refused.');
  told.call({ verb: 'create', ...maps, object: configMap('new'), dryRun });
  told.call({
    verb: 'create',
    ...maps,
    object: { ...configMap(''), metadata: { generateName: 'x-' } },
    dryRun,
  });
  told.call({ verb: 'create', ...maps, object: configMap('kept'), dryRun });
  told.call({ verb: 'create', ...pods, object: pod('Not_a_name'), dryRun });
  told.say('Updates and patches of all four types, of the object and its subresources.');
  told.call({ verb: 'update', ...maps, name: 'kept', object: configMap('kept', { a: '2' }), dryRun });
  told.call({ verb: 'update', ...maps, name: 'nosuch', object: configMap('nosuch'), dryRun });
  told.call({
    verb: 'patch',
    ...maps,
    name: 'kept',
    patchType: 'merge',
    patch: { data: { a: '2' } },
    dryRun,
  });
  told.call({
    verb: 'patch',
    ...maps,
    name: 'kept',
    patchType: 'json',
    patch: [{ op: 'remove', path: '/data/b' }],
    dryRun,
  });
  told.call({
    verb: 'patch',
    ...workloads,
    name: 'web',
    patchType: 'strategic',
    patch: { spec: { replicas: 4 } },
    dryRun,
  });
  told.call({
    verb: 'patch',
    ...workloads,
    name: 'web',
    patchType: 'apply',
    fieldManager: 'ann',
    force: true,
    patch: deployment('web', 5) as unknown as Json,
    dryRun,
  });
  told.call({
    verb: 'patch',
    ...workloads,
    name: 'web',
    subresource: 'scale',
    patchType: 'merge',
    patch: { spec: { replicas: 6 } },
    dryRun,
  });
  told.call({
    verb: 'patch',
    ...pods,
    name: 'bound',
    subresource: 'status',
    patchType: 'merge',
    patch: { status: { phase: 'Running' } },
    dryRun,
  });
  told.say('Binding and eviction.');
  told.call({
    verb: 'create',
    ...pods,
    name: 'free',
    subresource: 'binding',
    object: binding('free', 'n'),
    dryRun,
  });
  told.call({
    verb: 'create',
    ...pods,
    name: 'bound',
    subresource: 'binding',
    object: binding('bound', 'n'),
    dryRun,
  });
  told.call({
    verb: 'create',
    ...pods,
    name: 'bound',
    subresource: 'eviction',
    object: eviction('bound'),
    dryRun,
  });
  told.say('Deletions: at once, with grace, of a collection; with preconditions.');
  told.call({ verb: 'delete', ...maps, name: 'kept', dryRun });
  told.call({ verb: 'delete', ...pods, name: 'bound', dryRun });
  told.call({ verb: 'delete', ...pods, name: 'free', dryRun });
  told.call({ verb: 'delete', ...maps, name: 'kept', preconditions: { uid: 'another' }, dryRun });
  told.call({ verb: 'deletecollection', ...maps, dryRun });
  told.say('There is one word for it.');
  told.call({ verb: 'create', ...maps, object: configMap('new'), dryRun: 'Some' });
  told.call({ verb: 'delete', ...maps, name: 'kept', dryRun: 'Some' });
  told.say('Nothing has come of it.');
  told.note([`revisions: ${told.cluster.revision - before}`]);
  return told;
}

test('dry-run', async () => {
  const told = story();
  expect(told.text()).toContain('revisions: 0');
  await expect(told.text()).toMatchFileSnapshot('transcripts/dry-run.txt');
});
