/**
 * A kubelet whose process dies. Aim: its containers run on, and the kubelet that starts again goes on with them. Method:
 * one Pod's life, with restarts at any instants (property), compared with the same life undisturbed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { fixed } from '../../../core/random/distribution.ts';
import { millisecond, second } from '../../../core/time/time.ts';
import { placesOf } from '../../../core/kubelet/state.ts';
import { container, pod, spec, statusLine, World } from './world.ts';

const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
const slow = {
  ...spec,
  images: { ...spec.images, default: { ...spec.images.default, startup: fixed(1_500 * millisecond) } },
};

function life(restarts: readonly number[]): World {
  const world = new World(slow);
  world.put(pod('a', { spec: { containers: [container({ readinessProbe })] } }));
  world.put(pod('b'));
  for (const at of [...restarts].sort((x, y) => x - y)) world.run(at).restart();
  return world.run();
}

const instants = fc.array(fc.integer({ min: 1, max: 15 * second }), { maxLength: 5 });

test('a restart at any instant loses no Pod and restarts no container', () => {
  fc.assert(
    fc.property(instants, (restarts) => {
      const world = life(restarts);
      expect(placesOf(world.state).size).toBe(2);
      for (const name of ['a', 'b']) {
        const line = statusLine(world.get(name)?.status ?? {});
        expect(line).toMatch(/^Running Ready=True 10\.0\.3\.\d+ c=running\+ready x0$/);
      }
      const starts = world.lines.filter((line) => line.includes('Started container'));
      expect(starts).toHaveLength(2);
    }),
    { numRuns: 200 },
  );
});

test('a restart beside steady Pods writes nothing about them', () => {
  const world = life([]);
  const before = world.lines.length;
  world.run(world.now + second).restart();
  world.run();
  expect(world.lines.slice(before)).toEqual([]);
  expect(world.state.memory.workers.size).toBe(2);
});

test('a Pod that is being deleted is deleted all the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 * second }), { maxLength: 4 }), (restarts) => {
      const world = life([]);
      world.run(20 * second).markDeleted('a');
      for (const after of [...restarts].sort((x, y) => x - y)) world.run(20 * second + after).restart();
      world.run();
      expect(world.get('a')).toBeUndefined();
      expect(world.get('b')).toBeDefined();
      expect(placesOf(world.state).size).toBe(1);
    }),
    { numRuns: 100 },
  );
});

test('a container that ended while nobody looked is restarted by the next kubelet', () => {
  const world = new World({
    ...spec,
    images: {
      ...spec.images,
      byName: { crash: { ...spec.images.default, exitAfter: fixed(5 * second), exitCode: 1 } },
    },
  });
  world.put(pod('x', { spec: { containers: [container({ image: 'crash' })] } }));
  world.run(6 * second).restart(10 * second);
  world.run(18 * second);
  expect(statusLine(world.get('x')?.status ?? {})).toBe('Running Ready=True 10.0.3.2 c=running+ready x1');
});

test('what runs of a Pod that was deleted meanwhile is forgotten', () => {
  const world = life([]);
  world.restart();
  world.remove('a');
  world.run();
  expect([...placesOf(world.state).values()].map((place) => place.name)).toEqual(['b']);
});

test('what runs of it until then has a moment to end', () => {
  const world = life([]);
  world.restart();
  world.remove('a');
  world.run(world.now + 100 * millisecond);
  const ends = [...placesOf(world.state).values()].map(({ containers }) => containers[0]?.end);
  expect(ends).toEqual([{ at: expect.any(Number) as number, exitCode: 143, reason: 'Error' }, undefined]);
  expect((ends[0]?.at ?? 0) - world.now).toBeGreaterThan(0);
});

test('the oldest Pod has the first claim to the node, whether or not it runs', () => {
  const half = { containers: [container({ resources: { requests: { cpu: '3' } } })] };
  const made = (name: string, creationTimestamp: string): Pod => {
    const { metadata, ...rest } = pod(name, { spec: half });
    return { ...rest, metadata: { ...metadata, creationTimestamp } };
  };
  const world = new World();
  world.put(made('runs', '2025-01-01T00:00:20Z'));
  world.run();
  world.restart();
  world.put(made('waited', '2025-01-01T00:00:10Z'));
  world.run();
  expect(statusLine(world.get('waited')?.status ?? {})).toMatch(/^Running/);
  expect(statusLine(world.get('runs')?.status ?? {})).toMatch(/^Failed .*OutOfcpu/);
  expect([...placesOf(world.state).values()].map(({ name }) => name)).toEqual(['waited']);
});
