/**
 * A Pod's life on a node, as the kubelet tells it to the apiserver. Method: transcripts of the reducer driven directly,
 * one line a request: Events, statuses, deletions. The node lists its containers at .467 of each second.
 */
import { describe, expect, test } from 'vitest';
import { fixed } from '../../../core/random/distribution.ts';
import { millisecond, minute, second } from '../../../core/time/time.ts';
import type { Image, KubeletSpec } from '../../../core/kubelet/spec.ts';
import { placesOf } from '../../../core/kubelet/state.ts';
import { container, failure, pod, spec, statusLine, World } from './world.ts';

const withImage = (name: string, image: Partial<Image>): KubeletSpec => ({
  ...spec,
  images: { ...spec.images, byName: { [name]: { ...spec.images.default, pull: fixed(0), ...image } } },
});

/** The world a second after the kubelet has started, with Pods bound to its node. */
function with_(of: KubeletSpec, ...pods: readonly ReturnType<typeof pod>[]): World {
  const world = new World(of).run(second);
  for (const each of pods) world.put(each);
  return world;
}

describe('a Pod', () => {
  test('is started, runs, and is deleted with grace', () => {
    const world = with_(spec, pod('web')).run(10 * second);
    world.markDeleted('web');
    expect(world.run().lines).toMatchInlineSnapshot(`
      [
        "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
        "   1.502s  event Normal Pulling: Pulling image "web:1"",
        "   3.502s  event Normal Pulled: Successfully pulled image "web:1" in 2s (2s including waiting). Image size: 50000000 bytes.",
        "   3.502s  event Normal Created: Created container: c",
        "   3.502s  event Normal Started: Started container c",
        "   4.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
        "  10.002s  event Normal Killing: Stopping container c",
        "  10.302s  status Failed Ready=False(PodFailed) 10.0.3.2 c=Error(143) x0",
        "  10.303s  delete web grace=0",
      ]
    `);
    expect(world.get('web')).toBeUndefined();
    expect(placesOf(world.state).size).toBe(0);
    expect(world.state.memory.workers.size).toBe(0);
  });

  test('waits for the pulls before its own, and shares what they brought', () => {
    const world = with_(spec, pod('a'), pod('b')).run();
    expect(world.lines.filter((line) => line.includes('Pull'))).toMatchInlineSnapshot(`
      [
        "   1.502s  event Normal Pulling: Pulling image "web:1"",
        "   1.502s  event Normal Pulling: Pulling image "web:1"",
        "   3.502s  event Normal Pulled: Successfully pulled image "web:1" in 2s (2s including waiting). Image size: 50000000 bytes.",
        "   3.602s  event Normal Pulled: Successfully pulled image "web:1" in 100ms (2.1s including waiting). Image size: 50000000 bytes.",
      ]
    `);
  });

  test('crash-loops: at once, then after 10, 20, 40 s', () => {
    const crashing = with_(
      withImage('crash', { exitAfter: fixed(1_700 * millisecond), exitCode: 1 }),
      pod('x', { spec: { containers: [container({ image: 'crash' })] } }),
    );
    crashing.run(100 * second);
    expect(crashing.lines.filter((line) => !/Pull|Created/.test(line))).toMatchInlineSnapshot(`
      [
        "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
        "   1.502s  event Normal Started: Started container c",
        "   2.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
        "   3.467s  event again (x2): Started container c",
        "   3.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=Error(1) x0",
        "   4.467s  status Running Ready=True 10.0.3.2 c=running+ready x1",
        "   5.467s  event Warning BackOff: Back-off restarting failed container c in pod x_default(uid-x)",
        "   5.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=CrashLoopBackOff x1",
        "  15.167s  event again (x2): Container image "crash" already present on machine",
        "  15.167s  event again (x3): Started container c",
        "  15.467s  status Running Ready=True 10.0.3.2 c=running+ready x2",
        "  17.467s  event again (x2): Back-off restarting failed container c in pod x_default(uid-x)",
        "  17.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=CrashLoopBackOff x2",
        "  36.867s  event again (x3): Container image "crash" already present on machine",
        "  36.867s  event again (x4): Started container c",
        "  37.467s  status Running Ready=True 10.0.3.2 c=running+ready x3",
        "  39.467s  event again (x3): Back-off restarting failed container c in pod x_default(uid-x)",
        "  39.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=CrashLoopBackOff x3",
        "  78.567s  event again (x4): Container image "crash" already present on machine",
        "  78.567s  event again (x5): Started container c",
        "  79.467s  status Running Ready=True 10.0.3.2 c=running+ready x4",
        "  80.467s  event again (x4): Back-off restarting failed container c in pod x_default(uid-x)",
        "  80.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=CrashLoopBackOff x4",
      ]
    `);
  });

  test('of a Job ends well, and is not restarted', () => {
    const job = pod('job', { spec: { containers: [container({ image: 'task' })], restartPolicy: 'Never' } });
    const world = with_(withImage('task', { exitAfter: fixed(3 * second) }), job).run();
    expect(world.lines.slice(-2)).toMatchInlineSnapshot(`
      [
        "   2.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
        "   5.467s  status Succeeded Ready=False(PodCompleted) 10.0.3.2 c=Completed(0) x0",
      ]
    `);
    const taken = [...placesOf(world.state).values()].filter((place) => !place.stopped);
    expect(taken).toEqual([]);
  });

  test('runs its init containers one after another, before the others', () => {
    const world = with_(
      withImage('setup', { startup: fixed(2 * second) }),
      pod('db', {
        spec: {
          initContainers: [
            container({ name: 'one', image: 'setup' }),
            container({ name: 'two', image: 'setup' }),
          ],
        },
      }),
    ).run();
    expect(world.lines.filter((line) => /Started|status/.test(line))).toMatchInlineSnapshot(`
      [
        "   1.002s  status Pending Ready=False(ContainersNotReady) one=PodInitializing x0 two=PodInitializing x0 c=PodInitializing x0",
        "   1.502s  event Normal Started: Started container one",
        "   2.467s  status Pending Ready=False(ContainersNotReady) 10.0.3.2 one=running x0 two=PodInitializing x0 c=PodInitializing x0",
        "   4.467s  event Normal Started: Started container two",
        "   4.467s  status Pending Ready=False(ContainersNotReady) 10.0.3.2 one=Completed(0)+ready x0 two=PodInitializing x0 c=PodInitializing x0",
        "   5.467s  status Pending Ready=False(ContainersNotReady) 10.0.3.2 one=Completed(0)+ready x0 two=running x0 c=PodInitializing x0",
        "   7.467s  status Pending Ready=False(ContainersNotReady) 10.0.3.2 one=Completed(0)+ready x0 two=Completed(0)+ready x0 c=PodInitializing x0",
        "   9.467s  event Normal Started: Started container c",
        "  10.467s  status Running Ready=True 10.0.3.2 one=Completed(0)+ready x0 two=Completed(0)+ready x0 c=running+ready x0",
      ]
    `);
  });

  test('is ready when its readiness probe has been answered often enough', () => {
    const readinessProbe = {
      httpGet: { port: 8080 },
      initialDelaySeconds: 1,
      periodSeconds: 2,
      successThreshold: 2,
    };
    const world = with_(
      withImage('slow', { startup: fixed(4 * second) }),
      pod('api', { spec: { containers: [container({ image: 'slow', readinessProbe })] } }),
    ).run();
    expect(world.lines.filter((line) => /Started|Unhealthy|status/.test(line))).toMatchInlineSnapshot(`
      [
        "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
        "   1.502s  event Normal Started: Started container c",
        "   2.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=running x0",
        "   4.467s  event Warning Unhealthy: Readiness probe failed: Get "http://10.0.3.2:8080/": dial tcp 10.0.3.2:8080: connect: connection refused",
        "   8.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
      ]
    `);
  });

  test('is killed and restarted while its liveness probe is not answered', () => {
    const livenessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 3 };
    const world = with_(
      withImage('stuck', { startup: fixed(minute) }),
      pod('api', { spec: { containers: [container({ image: 'stuck', livenessProbe })] } }),
    ).run(12 * second);
    expect(world.lines.filter((line) => !/Pull|Created/.test(line))).toMatchInlineSnapshot(`
      [
        "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
        "   1.502s  event Normal Started: Started container c",
        "   2.467s  status Running Ready=True 10.0.3.2 c=running+ready x0",
        "   3.002s  event Warning Unhealthy: Liveness probe failed: dial tcp 10.0.3.2:80: connect: connection refused",
        "   5.002s  event Normal Killing: Container c failed liveness probe, will be restarted",
        "   5.467s  event again (x2): Started container c",
        "   5.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=Error(143) x0",
        "   6.467s  status Running Ready=True 10.0.3.2 c=running+ready x1",
        "   7.002s  event again (x2): Liveness probe failed: dial tcp 10.0.3.2:80: connect: connection refused",
        "   9.002s  event again (x2): Container c failed liveness probe, will be restarted",
        "   9.467s  event Warning BackOff: Back-off restarting failed container c in pod api_default(uid-api)",
        "   9.467s  status Running Ready=False(ContainersNotReady) 10.0.3.2 c=CrashLoopBackOff x1",
      ]
    `);
  });

  test('that is deleted before anything of it ran ends as failed', () => {
    const world = with_(spec, pod('web')).run(1_200 * millisecond);
    world.markDeleted('web');
    expect(world.run().lines).toMatchInlineSnapshot(`
      [
        "   1.002s  status Pending Ready=False(ContainersNotReady) c=ContainerCreating x0",
        "   1.202s  status Failed Ready=False(ContainersNotReady) c=ContainerStatusUnknown(137) x0",
        "   1.203s  delete web grace=0",
      ]
    `);
  });

  test('that does not stop is killed when its grace period is over', () => {
    const world = with_(
      withImage('deaf', { stop: fixed(minute) }),
      pod('web', { spec: { containers: [container({ image: 'deaf' })] } }),
    );
    world.run(10 * second).markDeleted('web', 5);
    expect(world.run().lines.slice(-3)).toMatchInlineSnapshot(`
      [
        "  10.002s  event Normal Killing: Stopping container c",
        "  15.002s  status Failed Ready=False(PodFailed) 10.0.3.2 c=Error(137) x0",
        "  15.003s  delete web grace=0",
      ]
    `);
  });

  test('has two seconds after SIGTERM, though its preStop hook took all of the grace period', () => {
    const lifecycle = { preStop: { sleep: { seconds: 5 } } };
    const world = with_(
      withImage('deaf', { stop: fixed(minute) }),
      pod('web', { spec: { containers: [container({ image: 'deaf', lifecycle })] } }),
    );
    world.run(10 * second).markDeleted('web', 4);
    expect(world.run().lines.slice(-2)).toMatchInlineSnapshot(`
      [
        "  16.002s  status Failed Ready=False(PodFailed) 10.0.3.2 c=Error(137) x0",
        "  16.003s  delete web grace=0",
      ]
    `);
  });

  test('that does not fit is rejected, and deleted when that is asked', () => {
    const world = with_(
      spec,
      pod('big', { spec: { containers: [container({ resources: { requests: { cpu: '5' } } })] } }),
    ).run();
    world.markDeleted('big');
    expect(world.run().lines).toMatchInlineSnapshot(`
      [
        "   1.002s  event Warning OutOfcpu: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000",
        "   1.002s  status Failed Ready=- OutOfcpu",
        "   1.006s  delete big grace=0",
      ]
    `);
  });

  test('whose image must be there already waits', () => {
    const world = with_(
      spec,
      pod('web', { spec: { containers: [container({ imagePullPolicy: 'Never' })] } }),
    ).run();
    expect(world.lines.slice(1)).toMatchInlineSnapshot(`
      [
        "   1.502s  event Warning ErrImageNeverPull: Container image "web:1" is not present with pull policy of Never",
        "   1.502s  status Pending Ready=False(ContainersNotReady) 10.0.3.2 c=ErrImageNeverPull x0",
      ]
    `);
  });

  test('that is gone from the apiserver is stopped without a word about its status', () => {
    const world = with_(spec, pod('web')).run(10 * second);
    const before = world.lines.length;
    world.remove('web');
    expect(world.run().lines.slice(before)).toMatchInlineSnapshot(`
      [
        "  10.002s  event Normal Killing: Stopping container c",
      ]
    `);
    expect(placesOf(world.state).size).toBe(0);
  });
});

describe('the status of a Pod', () => {
  test('is written again after a write that was not answered', () => {
    const world = new World();
    world.fail = (request) =>
      request.verb === 'patch' && request.resource === 'pods' && world.now < 5 * second
        ? failure(0)
        : undefined;
    world.put(pod('web'));
    world.run(second);
    expect(world.get('web')?.status.containerStatuses).toBeUndefined();
    world.run();
    expect(statusLine(world.get('web')?.status ?? {})).toBe('Running Ready=True 10.0.3.2 c=running+ready x0');
  });

  test('is written again when somebody else said that the Pod is not ready', () => {
    const world = with_(spec, pod('web')).run(10 * second);
    const web = world.get('web');
    if (web === undefined) throw new Error('no Pod');
    const conditions = web.status.conditions?.map((each) =>
      each.type === 'Ready' ? { ...each, status: 'False' } : each,
    );
    world.put({ ...web, status: { ...web.status, conditions } });
    world.run();
    expect(statusLine(world.get('web')?.status ?? {})).toContain('Ready=True');
  });

  test('of a steady Pod costs nothing: no timer is left', () => {
    const probes = {
      readinessProbe: { tcpSocket: { port: 80 } },
      livenessProbe: { tcpSocket: { port: 80 } },
    };
    const world = with_(spec, pod('web', { spec: { containers: [container(probes)] } })).run();
    expect(world.now).toBeLessThan(minute);
  });
});
