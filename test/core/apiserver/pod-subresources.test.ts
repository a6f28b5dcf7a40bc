/**
 * Aim: what the subresources of Pods are answered with: eviction, ephemeralcontainers, resize. Method: stories over a real
 * etcd, each a file that a person can read.
 */
import { expect, test } from 'vitest';
import type { Json, Pod } from '../../../core/api/generated/types.ts';
import type { ApiAnswer } from '../../../core/api/request.ts';
import { pod, podSpec } from './objects.ts';
import { Story } from './story.ts';

const inDefault = { namespace: 'default' } as const;
const pods = { resource: 'pods', ...inDefault } as const;

interface Body {
  readonly [field: string]: Json;
}

const withResources = (fields: object): object =>
  podSpec({ containers: [{ name: 'c', image: 'i', ...fields }] });

/** Writes the status of a Pod, or of another kind in the namespace. */
function tell(story: Story, name: string, status: Body, resource = 'pods'): void {
  const target = { resource, ...inDefault, name, subresource: 'status' } as const;
  story.call({ verb: 'patch', ...target, patchType: 'merge', patch: { status } });
}

/** What an eviction that is refused is refused for. */
function causesOf(answer: ApiAnswer): unknown {
  return answer.ok ? undefined : answer.status.details;
}

const stories: Readonly<Record<string, () => Story>> = {
  evictions: () => {
    const story = new Story();
    const budgets = { resource: 'poddisruptionbudgets', ...inDefault } as const;
    const evict = (name: string, named = name): ApiAnswer => {
      const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: named } };
      return story.call({ verb: 'create', ...pods, name, subresource: 'eviction', object });
    };
    const budget = (name: string): void => {
      const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } };
      const object = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec };
      story.call({ verb: 'create', ...budgets, object });
    };
    for (const name of ['web-1', 'web-2', 'web-3']) {
      const object = pod(name, { labels: { app: 'web' } }, podSpec({ nodeName: 'node-1' }));
      story.call({ verb: 'create', ...pods, object });
      tell(story, name, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    }
    const reason = 'DisruptionBudget';
    story.say('A budget that its controller has not seen yet allows nothing.');
    budget('web');
    const unseen = 'The disruption budget web is still being processed by the server.';
    expect(causesOf(evict('web-1'))).toEqual({
      retryAfterSeconds: 10,
      causes: [{ reason, message: unseen }],
    });
    story.say('It is told of each eviction, and when nothing is left the next is too many.');
    const counted = { observedGeneration: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };
    tell(story, 'web', { ...counted, disruptionsAllowed: 1 }, 'poddisruptionbudgets');
    evict('web-1');
    const used = 'The disruption budget web needs 2 healthy pods and has 3 currently';
    expect(causesOf(evict('web-2'))).toEqual({ causes: [{ reason, message: used }] });
    story.call({ verb: 'get', ...pods, name: 'web-1' });
    story.say('What goes already, or does no work, needs no leave.');
    evict('web-1');
    tell(story, 'web-2', { phase: 'Failed' });
    evict('web-2');
    story.say('Two budgets are one too many. A deletion asks none.');
    budget('other');
    evict('web-3');
    story.call({ verb: 'delete', ...pods, name: 'web-3', gracePeriodSeconds: 0 });
    story.say('An eviction is of the Pod it names.');
    evict('web-3');
    evict('web-3', 'web-4');
    return story;
  },

  'pod-status': () => {
    const story = new Story();
    story.call({ verb: 'create', ...pods, object: pod('web') });
    const put = (status: Body): void => {
      const object = { ...pod('web'), status };
      const answer = story.call({ verb: 'update', ...pods, name: 'web', subresource: 'status', object });
      if (answer.ok) story.note([JSON.stringify((answer.object as Pod).status)]);
    };
    story.say('The class of a Pod is decided when it is made: who does not say it keeps it.');
    put({ phase: 'Running' });
    put({ phase: 'Running', qosClass: 'BestEffort' });
    put({ phase: 'Running', qosClass: 'Guaranteed' });
    return story;
  },

  'ephemeral-containers': () => {
    const story = new Story();
    const debug = (name: string, containers: Json, rest: Body = {}): void => {
      const patch = { spec: { ephemeralContainers: containers, ...rest } };
      const subresource = 'ephemeralcontainers';
      story.call({ verb: 'patch', ...pods, name, subresource, patchType: 'strategic', patch });
    };
    const shell = { name: 'shell', image: 'busybox', targetContainerName: 'c' };
    story.say('A container may be added to look at the others, through no other door.');
    const early = podSpec({ ephemeralContainers: [shell] });
    story.call({ verb: 'create', ...pods, object: pod('web', {}, early) });
    story.call({ verb: 'create', ...pods, object: pod('web') });
    debug('web', [shell]);
    debug('web', [shell]);
    story.say('All else that comes through it is dropped.');
    debug('web', [{ name: 'second', image: 'busybox' }], { activeDeadlineSeconds: 5 });
    const { spec } = story.cluster.object({ verb: 'get', ...pods, name: 'web' }) as Pod;
    const names = (spec.ephemeralContainers ?? []).map(({ name }) => name).sort();
    story.note([`${names.join(', ')}; deadline: ${spec.activeDeadlineSeconds ?? 'none'}`]);
    story.say('It has no ports or probes, looks at a container there is, and has a name of its own.');
    debug('web', [{ name: 'port', image: 'i', ports: [{ containerPort: 80 }] }]);
    debug('web', [{ name: 'lost', image: 'i', targetContainerName: 'nosuch' }]);
    debug('web', [{ name: 'c', image: 'i' }]);
    story.say('It stays what it is for as long as the Pod lives.');
    debug('web', [{ name: 'second', image: 'another' }]);
    debug('web', [{ name: 'second', $patch: 'delete' }]);
    story.call({ verb: 'get', ...pods, name: 'web', subresource: 'ephemeralcontainers' });
    story.say('A Pod from a file of the kubelet has none.');
    const annotations = { 'kubernetes.io/config.mirror': 'abc' };
    const mirror = pod('static', { annotations }, podSpec({ nodeName: 'node-1' }));
    story.call({ verb: 'create', ...pods, object: mirror });
    debug('static', [{ name: 'shell', image: 'busybox' }]);
    return story;
  },

  resize: () => {
    const story = new Story();
    const resize = (name: string, container: Body, spec: Body = {}): void => {
      const patch = { spec: { containers: [{ name: 'c', ...container }], ...spec } };
      story.call({ verb: 'patch', ...pods, name, subresource: 'resize', patchType: 'strategic', patch });
    };
    const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '64Mi' } };
    story.call({ verb: 'create', ...pods, object: pod('web', {}, withResources({ resources })) });
    story.say('A resize changes resources, up and down, and nothing else: the image stays.');
    resize('web', { image: 'other', resources: { requests: { cpu: '150m' }, limits: { cpu: '300m' } } });
    const { spec } = story.cluster.object({ verb: 'get', ...pods, name: 'web' }) as Pod;
    story.note(spec.containers.map((each) => `${each.image ?? ''} ${JSON.stringify(each.resources)}`));
    resize('web', { resources: { requests: { cpu: '150m' } } });
    resize('web', { resources: { limits: { memory: '80Mi' } } });
    resize('web', { resources: { limits: { memory: '64Mi' } } });
    story.say('Nothing is taken away, the class stays, and so do the containers.');
    resize('web', { resources: { limits: { memory: null } } });
    resize('web', { resources: { limits: { 'ephemeral-storage': '1Gi' } } });
    resize('web', { resources: { requests: { cpu: '500m' } } });
    resize('web', { resources: { requests: { cpu: '300m' } } });
    resize('web', { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] });
    resize('web', { name: 'd', image: 'i', resources: {} });
    story.call({ verb: 'create', ...pods, object: pod('plain') });
    resize('plain', { resources: { requests: { cpu: '1' } } });
    story.say('An init container stays as it is, a sidecar does not have to.');
    const before = [
      { name: 'init', image: 'i', resources },
      { name: 'side', image: 'i', resources, restartPolicy: 'Always' },
    ];
    const both = { ...withResources({ resources }), initContainers: before };
    story.call({ verb: 'create', ...pods, object: pod('both', {}, both) });
    for (const name of ['init', 'side'])
      resize('both', {}, { initContainers: [{ name, resources: { limits: { cpu: '250m' } } }] });
    story.say('The kubelet must be one that resizes: it says what its containers have got.');
    const running = {
      name: 'c',
      ready: true,
      restartCount: 0,
      image: 'i',
      imageID: '',
      state: { running: {} },
    };
    tell(story, 'web', { containerStatuses: [running] });
    resize('web', { resources: { limits: { cpu: '400m' } } });
    tell(story, 'web', { containerStatuses: [{ ...running, resources }] });
    resize('web', { resources: { limits: { cpu: '400m' } } });
    story.say('What a namespace allows goes for a resize too.');
    const limits = [{ type: 'Container', max: { cpu: '500m' } }];
    const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'most' }, spec: { limits } };
    story.call({ verb: 'create', resource: 'limitranges', ...inDefault, object: range });
    resize('web', { resources: { limits: { cpu: '600m' } } });
    const hard = { 'requests.cpu': '200m' };
    const quotas = { resource: 'resourcequotas', ...inDefault } as const;
    const few = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard } };
    story.call({ verb: 'create', ...quotas, object: few });
    tell(story, 'few', { hard, used: { 'requests.cpu': '150m' } }, 'resourcequotas');
    resize('web', { resources: { requests: { cpu: '250m' } } });
    resize('web', { resources: { requests: { cpu: '200m' } } });
    const quota = story.cluster.object({ verb: 'get', ...quotas, name: 'few' }) as {
      readonly status?: unknown;
    };
    story.note([JSON.stringify(quota.status)]);
    return story;
  },
};

test.each(Object.keys(stories))('the story of %s', async (name) => {
  const story = stories[name];
  if (story === undefined) throw new Error(`no story ${name}`);
  await expect(story().text()).toMatchFileSnapshot(`transcripts/${name}.txt`);
});
