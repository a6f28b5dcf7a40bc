/**
 * Aim: no sync of a workload or a claim walks all Pods, and no selector that names what Pods have. Method: a settled
 * ReplicaSet, Deployment and StatefulSet of 3 Pods each, and a deleted claim that a Pod keeps, stand among thousands of
 * other Pods of their namespace, some of them nobody's; their caches count the Pods that are read.
 */
import { expect, test } from 'vitest';
import type { ApiObject, Resource } from '../../../core/api/object.ts';
import type { Requirement } from '../../../core/api/selector.ts';
import { emptyView, withObject, type View } from '../../../core/api/view.ts';
import { informersOf, viewOf } from '../../../core/client/informer.ts';
import type { ControllerManagerState } from '../../../core/controllers/manager.ts';
import { controllers } from '../../../core/controllers/registry.ts';
import { selectedPods } from '../../../core/controllers/selected-pods.ts';
import { minute, second } from '../../../core/time/time.ts';
import { podTemplate, Story } from './story.ts';

const others = 4_000;

/** A process whose three workloads have settled, and whose claim waits for its Pod to be gone. */
function settled(): ControllerManagerState {
  const { world } = new Story('none');
  const create = (resource: Resource, kind: string, more: object = {}): void => {
    const labels = { app: kind };
    const template = { ...podTemplate('img:1'), metadata: { labels } };
    const spec = { replicas: 3, selector: { matchLabels: labels }, template, ...more };
    const metadata = { name: kind.toLowerCase(), namespace: 'default' };
    world.create(resource, { apiVersion: 'apps/v1', kind, metadata, spec, status: {} });
  };
  create('replicasets', 'ReplicaSet');
  create('deployments', 'Deployment', { strategy: { type: 'Recreate' } });
  create('statefulsets', 'StatefulSet', { podManagementPolicy: 'Parallel' });
  world.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      nodeName: 'node-1',
      containers: [],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  });
  world.create('persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: {},
    status: {},
  });
  world.delete('persistentvolumeclaims', 'default/data');
  world.run(10 * second);
  return world.state;
}

/** Pods of somebody else, and of nobody, with labels of their own. */
function withOthers(view: View): View {
  let full = view;
  for (let i = 0; i < others; i++) {
    const name = `other-${i}`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'default',
        uid: name,
        labels: { job: `${i % 7}` },
        ownerReferences:
          i % 4 === 0
            ? []
            : [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', uid: 'x', controller: true }],
      },
      spec: { containers: [] },
      status: { phase: 'Running' },
    };
    full = withObject(full, `default/${name}`, pod as unknown as ApiObject, 1);
  }
  return full;
}

/** The view, counting each key and each object that is read in it. */
function counted(view: View, count: () => void): View {
  const each = function* <T>(items: Iterable<T>): IterableIterator<T> {
    for (const item of items) {
      count();
      yield item;
    }
  };
  const objects = new Proxy(view.objects, {
    get(target, property): unknown {
      if (property === 'get') {
        return (key: string): unknown => {
          count();
          return target.get(key);
        };
      }
      if (property === 'keysOf') return (index: string, term: string) => each(target.keysOf(index, term));
      if (property === 'valuesOf') return (index: string, term: string) => each(target.valuesOf(index, term));
      if (property === 'objects') throw new Error('the whole map was asked for');
      const found: unknown = Reflect.get(target, property, target);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
  return { ...view, objects };
}

/** How many Pods a controller's sync of an object reads, from where it stands in its process. */
function podsRead(name: string, { informers, workers }: ControllerManagerState, key: string): number {
  const at = controllers.findIndex((controller) => controller.name === name);
  const [controller, worker] = [controllers[at], workers[at]];
  if (controller === undefined || worker === undefined) throw new Error(`no controller ${name}`);
  let read = 0;
  const count = (): void => {
    read++;
  };
  const views = informers.list.map(({ view }) =>
    view.resource === 'pods' ? counted(withOthers(view), count) : view,
  );
  const context = { seed: 'test', caches: informersOf(views), memory: worker.memory, now: minute };
  const first = controller.sync(context, key).next();
  expect(first.done, 'a settled object is left alone').toBe(true);
  return read;
}

test('the counting sees what is read', () => {
  let read = 0;
  const view = counted(withOthers(emptyView<Resource>('pods')), () => {
    read++;
  });
  const caches = informersOf([view]);
  expect([...viewOf(caches, 'pods').objects.keysOf('orphan', 'default')]).toHaveLength(others / 4);
  expect(read).toBe(others / 4);
  expect(() => [...view.objects.objects.values()]).toThrow('the whole map');
});

test.each([
  ['a ReplicaSet', 'replicaset-controller', 'default/replicaset'],
  ['a Deployment', 'deployment-controller', 'default/deployment'],
  ['a StatefulSet', 'statefulset-controller', 'default/statefulset'],
  ['a claim', 'pvc-protection-controller', 'default/data'],
])('a sync of %s reads its own Pods and no others', (_, controller, key) => {
  expect(podsRead(controller, settled(), key)).toBeLessThanOrEqual(6);
});

test.each<[string, Requirement, number]>([
  ['names values', { key: 'job', operator: 'in', values: ['1', '2', 'none'] }, 1_144],
  ['asks for a label', { key: 'app', operator: 'exists', values: [] }, 9],
])('a selector that %s reads the Pods that match', (_, requirement, matching) => {
  const read = { keys: 0 };
  const view = settled().informers.list.find(({ resource }) => resource === 'pods')?.view;
  const pods = counted(withOthers(view ?? emptyView<Resource>('pods')), () => {
    read.keys++;
  });
  expect(selectedPods(informersOf([pods]), 'default', [requirement])).toHaveLength(matching);
  // Each is read under its key and by it.
  expect(read.keys).toBe(2 * matching);
});
