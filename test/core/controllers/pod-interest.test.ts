/**
 * Aim: a controller that is not asked about a change of a Pod would have had nothing to say to it.
 * Method: beside the process runs another whose controllers are asked about every change; through random scenarios of
 * workloads, and of nodes that are lost, it hears the same and must ask for the same at every step.
 */
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { ClientEvent, ClientRequest } from '../../../core/client/component.ts';
import {
  managing,
  type ControllerManagerState,
  type ControllerTag,
} from '../../../core/controllers/manager.ts';
import { controllers } from '../../../core/controllers/registry.ts';
import { minute, type VirtualTime } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import type { Observer } from '../../../sim/engine/world.ts';
import { losses } from '../../properties/node-loss-arbitrary.ts';
import { runs } from '../../properties/runs.ts';
import { workloads } from '../../properties/workload-arbitrary.ts';

const askingAll = managing(
  'kube-controller-manager',
  controllers.map(({ pods: _, ...controller }) => controller),
);

/** Where the two differ first; what is compared is what they ask for. */
class Beside implements Observer {
  difference: unknown;
  podChanges = 0;
  private state: ControllerManagerState | undefined;

  stepped(
    process: string,
    before: unknown,
    step: { readonly requests: readonly ClientRequest<unknown>[] },
    _now: VirtualTime,
    event: ClientEvent<unknown>,
    clock: VirtualTime,
  ): void {
    if (process !== 'kube-controller-manager' || this.difference !== undefined) return;
    this.state ??= askingAll.first((before as ControllerManagerState).spec);
    const beside = askingAll.reduce(this.state, event as ClientEvent<ControllerTag>, clock);
    this.state = beside.state;
    if (event.type === 'watch' && event.stream === 'pods') this.podChanges++;
    if (JSON.stringify(beside.requests) !== JSON.stringify(step.requests))
      this.difference = { event: `${event.type} at ${clock}`, all: beside.requests, asked: step.requests };
  }
}

function compared(spec: ClusterSpec): void {
  const beside = new Beside();
  Simulation.create(spec, { observer: beside }).run({ settled: true, time: 15 * minute, events: 100_000 });
  expect(beside.difference).toBeUndefined();
  expect(beside.podChanges).toBeGreaterThan(0);
}

test.prop([workloads], runs(3))('workloads that people change', compared, 3_600_000);

test.prop([losses], runs(3))('nodes that are lost', ({ spec }) => compared(spec), 3_600_000);
