/**
 * Aim: what the options of each verb are answered with. Method: stories over a real etcd, each
 * a file that a person can read.
 */
import { expect, test } from 'vitest';
import type { ApiAnswer, DeleteOptions, ListRequest } from '../../../core/api/request.ts';
import { minute, second } from '../../../core/time/time.ts';
import { configMap, deployment, pod, podSpec } from './objects.ts';
import { Story } from './story.ts';

const inDefault = { namespace: 'default' } as const;
const configMaps = { resource: 'configmaps', ...inDefault } as const;
const pods = { resource: 'pods', ...inDefault } as const;

const tokenOf = (answer: ApiAnswer): string => {
  const token = answer.ok ? answer.list?.page?.continue : answer.status.metadata['continue'];
  if (typeof token !== 'string') throw new Error(`no token in ${JSON.stringify(answer)}`);
  return token;
};

const stories: Readonly<Record<string, () => Story>> = {
  lists: () => {
    const story = new Story();
    for (const name of ['a', 'b', 'c'])
      story.call({ verb: 'create', ...configMaps, object: configMap(name) });
    const list = (options: Partial<ListRequest>): ApiAnswer =>
      story.call({ verb: 'list', ...configMaps, ...options });
    story.say(
      'Not older than a revision is what there is now; with a limit and no match the revision is exact.',
    );
    list({ resourceVersion: '10' });
    list({ resourceVersion: '10', resourceVersionMatch: 'NotOlderThan' });
    list({ resourceVersion: '10', resourceVersionMatch: 'NotOlderThan', limit: 2 });
    list({ resourceVersion: '10', resourceVersionMatch: 'Exact' });
    list({ resourceVersion: '10', limit: 1 });
    story.say('Any revision will do for "0", and it has no pages.');
    list({ resourceVersion: '0', limit: 1 });
    list({ resourceVersion: '0', resourceVersionMatch: 'NotOlderThan', limit: 1 });
    story.say('What contradicts itself is refused.');
    list({ resourceVersionMatch: 'NotOlderThan' });
    list({ resourceVersion: '0', resourceVersionMatch: 'Exact' });
    list({ resourceVersion: '10', resourceVersionMatch: 'Older' });
    list({ continue: 'x', resourceVersion: '10' });
    list({ continue: 'x', resourceVersionMatch: 'Exact', resourceVersion: '10' });
    list({ continue: 'x' });
    list({ resourceVersion: '99' });
    list({ resourceVersion: '99', resourceVersionMatch: 'Exact' });
    story.say('A page goes on at its revision, until that is compacted: then at a new one, or not at all.');
    const first = list({ limit: 1 });
    story.call({ verb: 'delete', ...configMaps, name: 'c' });
    list({ limit: 1, continue: tokenOf(first) });
    story.act('15 minutes pass', (cluster) => {
      cluster.advance(15 * minute);
    });
    story.call({ verb: 'create', ...configMaps, object: configMap('ab') });
    const gone = list({ limit: 1, continue: tokenOf(first) });
    const second = list({ limit: 1, continue: tokenOf(gone) });
    list({ limit: 1, continue: tokenOf(second) });
    list({ resourceVersion: '10', resourceVersionMatch: 'Exact' });
    return story;
  },

  'watch-lists': () => {
    const story = new Story();
    for (const name of ['b', 'a']) story.call({ verb: 'create', ...configMaps, object: configMap(name) });
    story.say(
      'A watch may be the list too: the bookmark says where the list ends. Who takes none is not told.',
    );
    const all = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;
    story.watch('marked', { ...configMaps, ...all, allowWatchBookmarks: true });
    story.watch('unmarked', { ...configMaps, ...all });
    story.watch('none', { ...configMaps, ...all, sendInitialEvents: false, allowWatchBookmarks: true });
    story.watch('empty', { ...configMaps, ...all, allowWatchBookmarks: true, labelSelector: 'app=web' });
    story.watch('later', { ...configMaps, ...all, allowWatchBookmarks: true, resourceVersion: '10' });
    story.say('It needs its match, and a match needs it.');
    story.watch('unmatched', { ...configMaps, sendInitialEvents: true });
    story.watch('exact', { ...configMaps, sendInitialEvents: true, resourceVersionMatch: 'Exact' });
    story.watch('matched', { ...configMaps, resourceVersionMatch: 'NotOlderThan' });
    story.watch('worded', { ...configMaps, resourceVersion: 'abc' });
    story.call({ verb: 'list', ...configMaps, sendInitialEvents: true });
    story.say('A watch of a revision of the future waits for it, in vain after 3 seconds.');
    story.watch('future', { ...configMaps, ...all, resourceVersion: '99' });
    story.act('3 seconds pass', (cluster) => {
      cluster.advance(3 * second);
    });
    story.say('A watch ends when its time is over. The other ones go on.');
    story.watch('short', { ...configMaps, resourceVersion: '10', timeoutSeconds: 5 });
    story.call({ verb: 'create', ...configMaps, object: configMap('c') });
    story.act('5 seconds pass', (cluster) => {
      cluster.advance(5 * second);
    });
    story.call({ verb: 'delete', ...configMaps, name: 'c' });
    return story;
  },

  bookmarks: () => {
    const story = new Story(1, { bookmarkInterval: minute });
    story.call({ verb: 'create', ...configMaps, object: configMap('a') });
    story.say(
      'Once a minute a watch that asks for it is told how far the server has come, of whatever it selects.',
    );
    const from = { resourceVersion: '0', allowWatchBookmarks: true } as const;
    story.watch('asks', { ...configMaps, ...from, labelSelector: 'app=web' });
    story.watch('does not ask', { ...configMaps, resourceVersion: '0', labelSelector: 'app=web' });
    story.call({ verb: 'create', ...configMaps, object: configMap('b') });
    story.act('a minute passes', (cluster) => {
      cluster.advance(minute);
    });
    story.say('And once more 2 seconds before its time is over.');
    story.watch('short', { ...configMaps, ...from, timeoutSeconds: 90, labelSelector: 'app=web' });
    for (const [what, time] of [
      ['a minute passes', minute],
      ['28 seconds pass', 28 * second],
      ['2 seconds pass', 2 * second],
      ['another minute passes', minute],
    ] as const)
      story.act(what, (cluster) => {
        cluster.advance(time);
      });
    return story;
  },

  deletions: () => {
    const story = new Story();
    const metadata = (name: string): { readonly uid: string; readonly resourceVersion: string } =>
      story.cluster.object({ verb: 'get', ...configMaps, name }).metadata;
    const remove = (name: string, options: DeleteOptions): void => {
      story.call({ verb: 'delete', ...configMaps, name, ...options });
    };
    story.say('Preconditions: the very object, as it was seen.');
    story.call({ verb: 'create', ...configMaps, object: configMap('a') });
    const { resourceVersion } = metadata('a');
    const answer = story.cluster.call({
      verb: 'delete',
      ...configMaps,
      name: 'a',
      preconditions: { uid: 'another' },
    });
    expect(answer.ok ? '' : answer.status.message?.replace(metadata('a').uid, 'UID')).toBe(
      'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (another) does not match the UID in record (UID). The object might have been deleted and then recreated',
    );
    story.call({
      verb: 'patch',
      ...configMaps,
      name: 'a',
      patchType: 'merge',
      patch: { data: { n: '1' } },
    });
    remove('a', { preconditions: { resourceVersion } });
    remove('a', { preconditions: { resourceVersion: metadata('a').resourceVersion } });
    remove('a', {});
    story.say('Dependents are treated in one of three ways, said in one of two.');
    remove('b', { propagationPolicy: 'Sideways' });
    remove('b', { propagationPolicy: 'Orphan', orphanDependents: true });
    const deployments = { resource: 'deployments', ...inDefault } as const;
    for (const orphanDependents of [true, false]) {
      const name = orphanDependents ? 'orphaning' : 'collecting';
      story.call({ verb: 'create', ...deployments, object: deployment(name) });
      story.call({ verb: 'delete', ...deployments, name, orphanDependents });
    }
    story.say('A negative grace is one second. What is finished has none.');
    for (const name of ['negative', 'finished'])
      story.call({ verb: 'create', ...pods, object: pod(name, {}, podSpec({ nodeName: 'node-1' })) });
    story.call({ verb: 'delete', ...pods, name: 'negative', gracePeriodSeconds: -5 });
    const patch = { status: { phase: 'Succeeded' } };
    story.call({
      verb: 'patch',
      ...pods,
      name: 'finished',
      subresource: 'status',
      patchType: 'merge',
      patch,
    });
    story.call({ verb: 'delete', ...pods, name: 'finished', gracePeriodSeconds: 30 });
    return story;
  },

  collections: () => {
    const story = new Story();
    story.watch('maps', { resource: 'configmaps' });
    const make = (name: string, app: string, finalizers?: readonly string[]): void => {
      const metadata = { labels: { app }, finalizers };
      story.call({ verb: 'create', ...configMaps, object: configMap(name, {}, metadata) });
    };
    make('a', 'web');
    make('b', 'web', ['example.com/hold']);
    make('c', 'db');
    story.say('What a list would show is deleted one by one, in its order. What is held is marked.');
    story.call({ verb: 'deletecollection', ...configMaps, labelSelector: 'app=web' });
    story.call({ verb: 'list', ...configMaps });
    story.say('Options are those of a list and of a deletion.');
    story.call({ verb: 'deletecollection', ...configMaps, labelSelector: '==' });
    story.call({ verb: 'deletecollection', ...configMaps, propagationPolicy: 'Sideways' });
    story.call({ verb: 'deletecollection', ...configMaps, preconditions: { resourceVersion: '1' } });
    story.call({ verb: 'deletecollection', ...configMaps, fieldSelector: 'metadata.name=nosuch' });
    make('d', 'db');
    story.call({ verb: 'deletecollection', ...configMaps, labelSelector: 'app=db', limit: 1 });
    story.call({ verb: 'list', ...configMaps });
    return story;
  },
};

test.each(Object.keys(stories))('the story of %s', async (name) => {
  const story = stories[name];
  if (story === undefined) throw new Error(`no story ${name}`);
  await expect(story().text()).toMatchFileSnapshot(`transcripts/${name}.txt`);
});
