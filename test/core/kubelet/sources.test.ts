/**
 * What a Pod takes from ConfigMaps and Secrets has to be there: a volume before the sandbox, a variable before its container.
 * Method: transcripts of the reducer driven directly, with a store in which objects appear.
 */
import { expect, test } from 'vitest';
import type { PodSpec } from '../../../core/api/generated/types.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer } from '../../../core/api/request.ts';
import { notFound } from '../../../core/api/status.ts';
import { second } from '../../../core/time/time.ts';
import {
  envNeedsOf,
  envProblem,
  volumeNeedsOf,
  volumeProblem,
  type FoundSources,
} from '../../../core/kubelet/sources.ts';
import { nextAsking } from '../../../core/kubelet/pod-sources.ts';
import { container, pod, World } from './world.ts';

/** A world that answers for ConfigMaps and Secrets: keys by resource and name, from a time on. */
function worldWith(
  there: Readonly<Record<string, { readonly from: number; readonly keys: readonly string[] }>>,
): World {
  const world = new World();
  world.fail = (request): ApiAnswer | undefined => {
    if (request.verb !== 'get' || (request.resource !== 'configmaps' && request.resource !== 'secrets'))
      return undefined;
    const source = there[`${request.resource}/${request.name}`];
    if (source === undefined || source.from > world.now) {
      const status = notFound(request.resource, request.name);
      return { ok: false, code: status.code ?? 404, status };
    }
    const data = Object.fromEntries(source.keys.map((key) => [key, 'x']));
    return {
      ok: true,
      code: 200,
      object: { metadata: { name: request.name }, data } as unknown as ApiObject,
    };
  };
  return world.run(second);
}

const lived = (world: World, spec: Partial<PodSpec>, until?: number): readonly string[] => {
  world.put(pod('web', { spec }));
  return world.run(until).lines;
};

const fromConfig = container({
  env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } }],
});

test('a variable: the container waits, and is made at the next try after its source is there', () => {
  const world = worldWith({ 'configmaps/settings': { from: 8 * second, keys: ['level'] } });
  expect(lived(world, { containers: [fromConfig] })).toMatchInlineSnapshot(`
    [
      "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
      "   1.503s  event Normal Pulling: Pulling image "web:1"",
      "   3.503s  event Normal Pulled: Successfully pulled image "web:1" in 2s (2s including waiting). Image size: 50000000 bytes.",
      "   3.503s  event Warning Failed: Error: configmap "settings" not found",
      "   3.503s  status Pending Ready=False(ContainersNotReady) 10.0.3.2 c=CreateContainerConfigError x0",
      "  13.504s  event Normal Pulled: Container image "web:1" already present on machine",
      "  13.504s  event Normal Created: Created container: c",
      "  13.504s  event Normal Started: Started container c",
      "  14.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
    ]
  `);
});

test('a volume: there is no sandbox before its source', () => {
  const world = worldWith({ 'secrets/key': { from: 3 * second, keys: ['tls.crt'] } });
  const volumes = [{ name: 'key', secret: { secretName: 'key', items: [{ key: 'tls.crt', path: 'a' }] } }];
  expect(lived(world, { containers: [container({})], volumes })).toMatchInlineSnapshot(`
    [
      "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
      "   1.003s  event Warning FailedMount: MountVolume.SetUp failed for volume "key" : secret "key" not found",
      "   1.504s  event again (x2): MountVolume.SetUp failed for volume "key" : secret "key" not found",
      "   2.505s  event again (x3): MountVolume.SetUp failed for volume "key" : secret "key" not found",
      "   5.006s  event Normal Pulling: Pulling image "web:1"",
      "   7.006s  event Normal Pulled: Successfully pulled image "web:1" in 2s (2s including waiting). Image size: 50000000 bytes.",
      "   7.006s  event Normal Created: Created container: c",
      "   7.006s  event Normal Started: Started container c",
      "   7.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
    ]
  `);
});

test('after two minutes nobody waits for a source any more: it may come, or not', () => {
  const sources = { asked: 0, found: {}, at: 0, delay: 0 };
  const next = (retryAt: number | undefined): unknown =>
    nextAsking({ since: second, sources: { ...sources, retryAt } });
  expect([next(undefined), next(121 * second), next(122 * second)]).toEqual([
    undefined,
    { when: 121 * second, background: false },
    { when: 122 * second, background: true },
  ]);
});

test('a Pod that is deleted while it waits goes', () => {
  const world = worldWith({});
  lived(world, { containers: [fromConfig] }, 6 * second);
  world.markDeleted('web');
  world.run();
  expect(world.get('web')).toBeUndefined();
});

const found: FoundSources = {
  'configmaps/settings': { keys: ['level'] },
  'secrets/key': { keys: ['tls.crt'] },
  'secrets/none': { error: 'secret "none" not found', isMissing: true },
  'configmaps/none': { error: 'configmap "none" not found', isMissing: true },
};

test.each([
  [{ configMap: { name: 'settings' } }, undefined],
  [
    { configMap: { name: 'settings', items: [{ key: 'other', path: 'a' }] } },
    'configmap references non-existent config key: other',
  ],
  [{ configMap: { name: 'settings', items: [{ key: 'other', path: 'a' }], optional: true } }, undefined],
  [
    { secret: { secretName: 'key', items: [{ key: 'other', path: 'a' }] } },
    'references non-existent secret key: other',
  ],
  [{ secret: { secretName: 'none' } }, 'secret "none" not found'],
  [{ secret: { secretName: 'none', optional: true } }, undefined],
  [
    { projected: { sources: [{ secret: { name: 'none' } }, { secret: { name: 'key' } }] } },
    'secret "none" not found',
  ],
  [
    { projected: { sources: [{ secret: { name: 'none' } }, { configMap: { name: 'none' } }] } },
    '[secret "none" not found, configmap "none" not found]',
  ],
  [{ emptyDir: {} }, undefined],
])('volume %j: %s', (source, why) => {
  const [needs] = volumeNeedsOf({ containers: [], volumes: [{ name: 'v', ...source }] } as PodSpec);
  const told = why === undefined ? undefined : `MountVolume.SetUp failed for volume "v" : ${why}`;
  expect(needs === undefined ? undefined : volumeProblem(needs, found)).toBe(told);
});

test.each([
  [{ envFrom: [{ configMapRef: { name: 'none' } }] }, 'configmap "none" not found'],
  [{ envFrom: [{ configMapRef: { name: 'none', optional: true } }] }, undefined],
  [
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'key', key: 'other' } } }] },
    "couldn't find key other in Secret default/key",
  ],
  [
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'other' } } }] },
    "couldn't find key other in ConfigMap default/settings",
  ],
  [
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'key', key: 'other', optional: true } } }] },
    undefined,
  ],
  [{ env: [{ name: 'A', value: 'x' }] }, undefined],
])('environment %j: %s', (given, why) => {
  expect(envProblem(envNeedsOf(container(given)), 'default', found)).toBe(why);
});
