/**
 * The seeded event loop: takes the next entry of the agenda, gives it to the process it is for, and puts what that
 * process asks for on the agenda, each with the latency of its link. Everything that happens in a run happens here,
 * one event after another; every event has an id and the id of the event that caused it.
 *
 * The world at any moment is the processes' states (immutable values), the agenda, and what is under way; a checkpoint
 * keeps references to them, and a simulation resumed from one goes on exactly as the first did.
 */
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import { programsOf } from '../cluster/programs.ts';
import { settingsOf } from '../cluster/scheduler.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { calm, type Fault } from '../network/fault.ts';
import { newNetwork } from '../network/network.ts';
import { headerLine, processLine } from '../trace/header.ts';
import type { TraceSink } from '../trace/sink.ts';
import { TraceWriter } from '../trace/writer.ts';
import { deliverToApiserver } from './apiservers.ts';
import { deliverToClient } from './clients.ts';
import { deliverToEtcd } from './etcd.ts';
import { bounce, inflict, isHeld } from './faults.ts';
import type { Message } from '../process/message.ts';
import type { Program } from '../process/program.ts';
import { registryOf, type Registry } from './registry.ts';
import { isStale } from './streams.ts';
import { World, type Observer, type SavedWorld, type Slot } from './world.ts';

/** All that a simulation is at one moment. Keep it, and `Simulation.resume` it any number of times. */
export interface Checkpoint {
  readonly at: VirtualTime;
  readonly events: number;
  /** Opaque. */
  readonly world: SavedWorld;
}

/** When a run ends: at the first of these that comes true, or when nothing at all is left to happen. */
export interface Until {
  /** Everything up to and including this time has happened. */
  readonly time?: VirtualTime | undefined;
  /** Nothing but background timers is left. */
  readonly settled?: boolean | undefined;
  /** This many events have been processed in all. */
  readonly events?: number | undefined;
  /** Asked now and again (every 256 events). */
  readonly stop?: (() => boolean) | undefined;
}

export class Simulation {
  private readonly world: World;

  private constructor(saved: SavedWorld, sink: TraceSink | undefined, observer?: Observer) {
    this.world = new World(saved, sink, observer);
  }

  /**
   * A cluster at virtual time 0, with every process about to start.
   *
   *     const simulation = Simulation.create(spec);
   *     simulation.run({ settled: true });
   *     simulation.registry().get('deployments', 'default/web');
   */
  static create(
    spec: ClusterSpec,
    options: {
      readonly scenario?: string | undefined;
      readonly trace?: TraceSink | undefined;
      /** Further processes, after those that the spec stands for. */
      readonly programs?: readonly Program[] | undefined;
      readonly observer?: Observer | undefined;
    } = {},
  ): Simulation {
    const simulation = new Simulation(worldOf(spec, options.programs ?? []), options.trace, options.observer);
    simulation.begin(spec, options.scenario ?? '');
    return simulation;
  }

  /** Goes on from a checkpoint: the simulation it was taken from is not touched. A trace gets what comes after it. */
  static resume(
    checkpoint: Checkpoint,
    options: { readonly trace?: TraceSink | undefined } = {},
  ): Simulation {
    return new Simulation(checkpoint.world, options.trace);
  }

  private begin(spec: ClusterSpec, scenario: string): void {
    const { writer, slots } = this.world;
    writer.line(headerLine(scenario, spec.seed, settingsOf(spec)));
    for (const slot of slots) writer.line(processLine(slot.id, slot.program.name, slot.program.kind));
    for (const slot of slots) if (slot.program.role !== 'etcd') this.world.push(0, slot, { type: 'start' });
    for (const { at, for: duration, ...fault } of spec.faults) {
      this.fault(fault, at);
      const end = duration === undefined ? undefined : endOf(fault, at + duration);
      if (duration !== undefined && end !== undefined) this.fault(end, at + duration);
    }
  }

  get now(): VirtualTime {
    return this.world.time;
  }

  /** How many events have been processed. */
  get events(): number {
    return this.world.processed;
  }

  /** True when only background timers are left: the cluster would stay as it is. */
  get settled(): boolean {
    return !this.world.agenda.busy;
  }

  /** The hash of the trace so far, hexadecimal. */
  hash(): string {
    return this.world.writer.hash();
  }

  /** What etcd holds now. */
  registry(): Registry {
    return registryOf(this.world.etcd.state as EtcdServerState<ApiObject>);
  }

  /** The state of a process by its name: a value, and nothing changes by reading it. Throws where there is none. */
  stateOf(process: string): unknown {
    return this.world.slotNamed(process).state;
  }

  processes(): readonly string[] {
    return this.world.slots.map((slot) => slot.program.name);
  }

  checkpoint(): Checkpoint {
    return { at: this.now, events: this.events, world: this.world.saved() };
  }

  /** Ends the trace. */
  close(): void {
    this.world.writer.close();
  }

  /** Puts a fault on the agenda; a time that is past means now. Throws where there is no such process. */
  fault(fault: Fault, at: VirtualTime = this.now): void {
    this.world.slotNamed(fault.process);
    this.world.push(Math.max(at, this.now), this.world.etcd, { type: 'fault', fault });
  }

  run(until: Until): void {
    const { world } = this;
    for (let next = world.agenda.peek(); next !== undefined; next = world.agenda.peek()) {
      if (until.time !== undefined && next.at > until.time) break;
      if (until.settled === true && this.settled) return;
      if (until.events !== undefined && world.processed >= until.events) return;
      if (until.stop !== undefined && (world.processed & 255) === 0 && until.stop()) return;
      this.step();
    }
    if (until.time !== undefined) world.time = Math.max(world.time, until.time);
  }

  /** Takes one entry off the agenda; false when there was none left. */
  step(): boolean {
    const { world } = this;
    const entry = world.agenda.pop();
    if (entry === undefined) return false;
    world.time = entry.at;
    const slot = world.slot(entry.to);
    const { cause, message } = entry;
    if (message.type === 'fault') {
      world.happens(cause, slot.id, message);
      inflict(world, message.fault);
    } else if (!slot.alive || slot.incarnation !== entry.incarnation) bounce(world, cause, message);
    else if (!isStale(world, message) && !isHeld(world, slot, cause, message))
      this.deliver(slot, cause, message);
    return true;
  }

  private deliver(slot: Slot, cause: number, message: Message): void {
    const { world } = this;
    const { program } = slot;
    world.happens(cause, slot.id, message);
    switch (program.role) {
      case 'client':
        return deliverToClient(world, slot, program, message);
      case 'apiserver':
        return deliverToApiserver(world, slot, program, message);
      case 'etcd':
        return deliverToEtcd(world, slot, program, message);
    }
  }
}

/** What ends a fault that has been put on for a time. */
function endOf(fault: Fault, at: VirtualTime): Fault | undefined {
  const { process } = fault;
  switch (fault.do) {
    case 'crash':
      return { do: 'restart', process };
    case 'expireCertificate':
      return { do: 'renewCertificate', process };
    case 'clock':
      // It runs as it should from here on, and stays as wrong as it has become.
      return { do: 'clock', process, offset: fault.offset + Math.round(at * (fault.rate - 1)), rate: 1 };
    default:
      return undefined;
  }
}

/** The world at time 0, before anything is on the agenda. */
function worldOf(spec: ClusterSpec, others: readonly Program[]): SavedWorld {
  const slots = [...programsOf(spec), ...others].map((program, id): Slot => ({
    id,
    program,
    keyring: program.role === 'client' ? program.keyring : undefined,
    state: program.first,
    alive: true,
    incarnation: 1,
    sent: 0,
    offset: 0,
    rate: 1,
  }));
  return {
    time: 0,
    processed: 0,
    network: newNetwork(spec.seed, spec.network),
    slots,
    agenda: [],
    sequence: 0,
    ids: 0,
    calls: new Map(),
    etcdCalls: new Map(),
    watches: new Map(),
    etcdStreams: new Map(),
    streamsOfClient: new Map(),
    disturbances: calm,
    held: [],
    writer: new TraceWriter(undefined).state(),
  };
}
