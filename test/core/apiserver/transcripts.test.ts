/**
 * Aim: what an apiserver answers and tells its watchers, in the order it does. Method: stories over a real etcd, each
 * a file that a person can read; what the real 1.34.1 does is in the conformance suite.
 */
import { expect, test } from 'vitest';
import { binding, configMap, deployment, namespace, pod, podSpec } from './objects.ts';
import { Story } from './story.ts';

const inDefault = { namespace: 'default' } as const;
const configMaps = { resource: 'configmaps', ...inDefault } as const;
const pods = { resource: 'pods', ...inDefault } as const;

const stories: Readonly<Record<string, () => Story>> = {
  'update-and-conflict': () => {
    const story = new Story();
    story.watch('all', { resource: 'configmaps' });
    story.say('A name is taken once. A resourceVersion has no place in a new object.');
    story.call({ verb: 'create', ...configMaps, object: configMap('settings', { a: '1' }) });
    story.call({ verb: 'create', ...configMaps, object: configMap('settings') });
    story.call({ verb: 'create', ...configMaps, object: configMap('other', {}, { resourceVersion: '5' }) });
    story.say(
      'An update with the newest resourceVersion is written; with an old one it is a conflict, with none it wins.',
    );
    const first = story.cluster.object({ verb: 'get', ...configMaps, name: 'settings' }).metadata
      .resourceVersion;
    const update = (data: Readonly<Record<string, string>>, resourceVersion?: string): void => {
      const metadata = resourceVersion === undefined ? {} : { resourceVersion };
      story.call({
        verb: 'update',
        ...configMaps,
        name: 'settings',
        object: configMap('settings', data, metadata),
      });
    };
    update({ a: '2' }, first);
    update({ a: '3' }, first);
    update({ a: '4' });
    story.say('What changes nothing writes nothing; a stale resourceVersion is a conflict even so.');
    update({ a: '4' });
    update({ a: '4' }, first);
    story.call({
      verb: 'patch',
      ...configMaps,
      name: 'settings',
      patchType: 'merge',
      patch: { data: { a: '4' } },
    });
    story.say('Another object of the same name is not the one that is meant.');
    const object = configMap('settings', {}, { uid: 'another' });
    const answer = story.cluster.call({ verb: 'update', ...configMaps, name: 'settings', object });
    expect(answer.code).toBe(409);
    story.call({ verb: 'update', ...configMaps, name: 'nosuch', object: configMap('nosuch') });
    story.call({ verb: 'update', ...configMaps, name: 'settings', object: configMap('another') });
    return story;
  },

  'pod-life': () => {
    const story = new Story();
    story.watch('all', { resource: 'pods' });
    story.watch('node-1', { resource: 'pods', fieldSelector: 'spec.nodeName=node-1' });
    story.watch('unbound', { resource: 'pods', fieldSelector: 'spec.nodeName=' });
    story.say('A bind is one write: the Pod leaves those without a node and comes to the node that got it.');
    story.call({ verb: 'create', ...pods, object: pod('web') });
    story.call({
      verb: 'create',
      ...pods,
      name: 'web',
      subresource: 'binding',
      object: binding('web', 'node-1'),
    });
    story.call({
      verb: 'create',
      ...pods,
      name: 'web',
      subresource: 'binding',
      object: binding('web', 'node-2'),
    });
    story.say('Status and spec are two doors: what comes through the wrong one is dropped.');
    const status = (patch: { readonly [field: string]: string }): void => {
      story.call({
        verb: 'patch',
        ...pods,
        name: 'web',
        subresource: 'status',
        patchType: 'merge',
        patch: { status: patch },
      });
    };
    status({ phase: 'Running' });
    status({ phase: 'Running' });
    story.call({
      verb: 'patch',
      ...pods,
      name: 'web',
      patchType: 'merge',
      patch: { status: { phase: 'Failed' } },
    });
    story.say(
      'A bound Pod gets its grace. It can be shortened, not lengthened; 0 is two writes: marked, then gone.',
    );
    story.call({ verb: 'delete', ...pods, name: 'web' });
    story.call({ verb: 'delete', ...pods, name: 'web' });
    story.call({ verb: 'delete', ...pods, name: 'web', gracePeriodSeconds: 60 });
    story.call({ verb: 'delete', ...pods, name: 'web', gracePeriodSeconds: 5 });
    story.call({ verb: 'delete', ...pods, name: 'web', gracePeriodSeconds: 0 });
    story.call({ verb: 'delete', ...pods, name: 'web', gracePeriodSeconds: 0 });
    story.say('Nobody runs an unbound Pod: no grace. A gate must go before a binding.');
    const gated = podSpec({ schedulingGates: [{ name: 'example.com/wait' }] });
    story.call({ verb: 'create', ...pods, object: pod('gated', {}, gated) });
    story.call({
      verb: 'create',
      ...pods,
      name: 'gated',
      subresource: 'binding',
      object: binding('gated', 'node-1'),
    });
    story.call({ verb: 'delete', ...pods, name: 'gated' });
    story.say('An eviction says why before it deletes.');
    story.call({ verb: 'create', ...pods, object: pod('moved', {}, podSpec({ nodeName: 'node-1' })) });
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'moved' } };
    story.call({ verb: 'create', ...pods, name: 'moved', subresource: 'eviction', object: eviction });
    return story;
  },

  'finalizers-and-dependents': () => {
    const story = new Story();
    story.watch('maps', { resource: 'configmaps' });
    story.watch('deployments', { resource: 'deployments' });
    story.say(
      'A finalizer holds an object; the update that takes the last one off deletes it, and shows the old revision.',
    );
    const held = configMap('held', {}, { finalizers: ['example.com/one', 'example.com/two'] });
    story.call({ verb: 'create', ...configMaps, object: held });
    story.call({ verb: 'delete', ...configMaps, name: 'held' });
    story.call({ verb: 'delete', ...configMaps, name: 'held' });
    const finalizers = (list: readonly string[] | null): void => {
      const patch = { metadata: { finalizers: list } };
      story.call({ verb: 'patch', ...configMaps, name: 'held', patchType: 'merge', patch });
    };
    finalizers(['example.com/one', 'example.com/three']);
    finalizers(['example.com/one']);
    story.call({ verb: 'create', ...configMaps, object: held });
    finalizers(null);
    story.say(
      'How dependents are treated is a finalizer too. A deletion raises the generation where there is one.',
    );
    const deployments = { resource: 'deployments', ...inDefault } as const;
    for (const policy of ['Background', 'Foreground', 'Orphan'] as const) {
      const name = policy.toLowerCase();
      story.call({ verb: 'create', ...deployments, object: deployment(name) });
      story.call({ verb: 'delete', ...deployments, name, propagationPolicy: policy });
    }
    return story;
  },

  'generation-and-scale': () => {
    const story = new Story();
    const deployments = { resource: 'deployments', ...inDefault } as const;
    const patch = (change: { readonly [field: string]: object }): void => {
      story.call({ verb: 'patch', ...deployments, name: 'web', patchType: 'merge', patch: change as never });
    };
    story.say(
      "The spec raises the generation, and a Deployment's annotations; labels and the status do not.",
    );
    story.call({ verb: 'create', ...deployments, object: deployment('web', 3) });
    patch({ spec: { replicas: 4 } });
    patch({ metadata: { annotations: { note: 'x' } } });
    patch({ metadata: { labels: { note: 'x' } } });
    const status = { status: { replicas: 4 } };
    story.call({
      verb: 'patch',
      ...deployments,
      name: 'web',
      subresource: 'status',
      patchType: 'merge',
      patch: status,
    });
    story.say('A Scale is a view of the workload.');
    story.call({ verb: 'get', ...deployments, name: 'web', subresource: 'scale' });
    const scale = { spec: { replicas: 7 } };
    story.call({
      verb: 'patch',
      ...deployments,
      name: 'web',
      subresource: 'scale',
      patchType: 'merge',
      patch: scale,
    });
    const negative = { spec: { replicas: -1 } };
    story.call({
      verb: 'patch',
      ...deployments,
      name: 'web',
      subresource: 'scale',
      patchType: 'merge',
      patch: negative,
    });
    story.call({ verb: 'get', ...deployments, name: 'web' });
    return story;
  },

  namespaces: () => {
    const story = new Story();
    const whole = { resource: 'namespaces' } as const;
    story.watch('namespaces', whole);
    story.say('A creation needs its namespace.');
    story.call({ verb: 'create', resource: 'configmaps', namespace: 'team', object: configMap('a') });
    story.call({ verb: 'create', ...whole, object: namespace('team') });
    story.call({ verb: 'create', resource: 'configmaps', namespace: 'team', object: configMap('a') });
    story.say('A deleted namespace is Terminating until its controller has emptied it and finalizes it.');
    story.call({ verb: 'delete', ...whole, name: 'team' });
    story.call({ verb: 'delete', ...whole, name: 'team' });
    story.call({ verb: 'create', resource: 'configmaps', namespace: 'team', object: configMap('late') });
    const team = story.cluster.object({ verb: 'get', ...whole, name: 'team' });
    const emptied = { ...team, spec: { finalizers: [] } };
    story.call({ verb: 'update', ...whole, name: 'team', object: emptied });
    story.call({ verb: 'update', ...whole, name: 'team', subresource: 'finalize', object: emptied });
    story.call({ verb: 'get', ...whole, name: 'team' });
    story.call({ verb: 'delete', ...whole, name: 'default' });
    return story;
  },

  'two-apiservers': () => {
    const story = new Story(2);
    story.watch('one', { resource: 'configmaps' }, 0);
    story.watch('two', { resource: 'configmaps' }, 1);
    story.call({ verb: 'create', ...configMaps, object: configMap('shared', { n: '1' }) }, 0);
    story.say(
      'The second server hears no more of etcd. What it serves from its cache is old, what it writes is not.',
    );
    story.act('hold apiserver-1', (cluster) => cluster.hold(1));
    story.call(
      { verb: 'patch', ...configMaps, name: 'shared', patchType: 'merge', patch: { data: { n: '2' } } },
      0,
    );
    story.call({ verb: 'get', ...configMaps, name: 'shared', resourceVersion: '0' }, 1);
    story.call({ verb: 'get', ...configMaps, name: 'shared' }, 1);
    story.call(
      { verb: 'patch', ...configMaps, name: 'shared', patchType: 'merge', patch: { data: { m: '3' } } },
      1,
    );
    story.call({ verb: 'create', resource: 'namespaces', object: namespace('fresh') }, 0);
    story.call({ verb: 'create', resource: 'configmaps', namespace: 'fresh', object: configMap('a') }, 1);
    story.say('When it hears again, its watchers are told everything, in order.');
    story.act('release apiserver-1', (cluster) => cluster.release(1));
    return story;
  },

  'watch-again': () => {
    const story = new Story();
    const create = (name: string): ApiRevision => {
      story.call({ verb: 'create', ...configMaps, object: configMap(name, {}, { labels: { app: name } }) });
      return `${story.cluster.revision}`;
    };
    create('b');
    const seen = create('a');
    create('c');
    story.say(
      'A watch from a revision is told what came after it; without one, what is there in the order of keys first.',
    );
    story.watch('from', { ...configMaps, resourceVersion: seen });
    story.watch('zero', { ...configMaps, resourceVersion: '0', allowWatchBookmarks: true });
    story.watch('label', { ...configMaps, labelSelector: 'app=b' });
    const relabel = { metadata: { labels: { app: 'other' } } };
    story.call({ verb: 'patch', ...configMaps, name: 'b', patchType: 'merge', patch: relabel });
    story.say(
      'The stream from etcd breaks: watchers are sent away, and what was before is too old to watch.',
    );
    story.act('break the stream of configmaps', (cluster) => cluster.breakStream('configmaps'));
    story.watch('old', { ...configMaps, resourceVersion: seen });
    story.watch('new', { ...configMaps });
    create('d');
    return story;
  },
};

type ApiRevision = string;

test.each(Object.keys(stories))('the story of %s', async (name) => {
  const story = stories[name];
  if (story === undefined) throw new Error(`no story ${name}`);
  await expect(story().text()).toMatchFileSnapshot(`transcripts/${name}.txt`);
});
