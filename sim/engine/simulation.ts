/**
 * The seeded event loop: takes the next entry of the agenda, gives it to the process it is for, and puts what that
 * process asks for on the agenda, each with the latency of its link. Everything that happens in a run happens here,
 * one event after another; every event has an id and the id of the event that caused it.
 *
 * The world at any moment is the processes' states (immutable values), the agenda, and what is under way; a checkpoint
 * keeps references to them, and a simulation resumed from one goes on exactly as the first did.
 */
import type { ApiserverRequest } from '../../core/apiserver/message.ts';
import type { ApiAnswer, ApiRequest } from '../../core/api/request.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { unreachable } from './unreachable.ts';
import type { ClientRequest } from '../../core/client/component.ts';
import type { EtcdServerRequest, KvRequest } from '../../core/etcd/message.ts';
import { never, type Step } from '../../core/reducer.ts';
import type { Duration, VirtualTime } from '../../core/time/time.ts';
import type { ClusterSpec } from '../cluster/spec.ts';
import { programsOf } from '../cluster/programs.ts';
import {
  calm,
  isPaused,
  lagOf,
  withLag,
  withLostAnswers,
  withPause,
  type Disturbances,
  type Fault,
} from '../network/fault.ts';
import { latency, newNetwork, type Network } from '../network/network.ts';
import { commitLine, eventLine, explainLine } from '../trace/line.ts';
import type { TraceSink } from '../trace/sink.ts';
import { TraceWriter, type WriterState } from '../trace/writer.ts';
import { headerLine, processLine } from '../trace/header.ts';
import { Agenda, type Entry } from './agenda.ts';
import type { Call, EtcdCall, Message, OpenStream } from './message.ts';
import type { ApiserverProgram, ClientProgram, EtcdProgram, Program } from './program.ts';
import { registryOf, type Registry } from './registry.ts';

/** A process as it is now. */
interface Slot {
  readonly id: number;
  readonly program: Program;
  state: unknown;
  alive: boolean;
  /** How many lives it has had. */
  incarnation: number;
  /** Messages it has sent: the position of its next latency draw. */
  sent: number;
  /** Its own clock: `offset + rate * virtual time`. */
  offset: Duration;
  rate: number;
}

interface Held {
  readonly message: Message;
  readonly cause: number;
  readonly to: number;
}

/** All that a simulation is at one moment. Opaque: keep it, and `Simulation.resume` it any number of times. */
export interface Checkpoint {
  readonly at: VirtualTime;
  readonly events: number;
  readonly world: {
    readonly network: Network;
    readonly slots: readonly Slot[];
    readonly agenda: readonly Entry<Message>[];
    readonly sequence: number;
    readonly ids: number;
    readonly calls: ReadonlyMap<number, Call>;
    readonly etcdCalls: ReadonlyMap<number, EtcdCall>;
    readonly watches: ReadonlyMap<number, OpenStream>;
    readonly etcdStreams: ReadonlyMap<number, OpenStream>;
    readonly streamsOfClient: ReadonlyMap<string, number>;
    readonly disturbances: Disturbances;
    readonly held: readonly Held[];
    readonly writer: WriterState;
  };
}

/** When a run ends: at the first of these that comes true. */
export interface Until {
  /** Everything up to and including this time has happened. */
  readonly time?: VirtualTime;
  /** Nothing but background timers is left. */
  readonly settled?: boolean;
  /** This many events have been processed in all. */
  readonly events?: number;
  /** Asked now and again (every 256 events). */
  readonly stop?: () => boolean;
}

const etcdId = 0;

export class Simulation {
  private readonly network: Network;
  private readonly slots: Slot[];
  private readonly byName: ReadonlyMap<string, Slot>;
  private readonly apiservers: readonly Slot[];
  private readonly agenda: Agenda<Message>;
  private readonly writer: TraceWriter;
  private readonly calls: Map<number, Call>;
  private readonly etcdCalls: Map<number, EtcdCall>;
  private readonly watches: Map<number, OpenStream>;
  private readonly etcdStreams: Map<number, OpenStream>;
  /** The open stream of a client by `process/stream`. */
  private readonly streamsOfClient: Map<string, number>;
  private disturbances: Disturbances;
  private held: Held[];
  private sequence: number;
  /** Numbers calls, watches and streams. */
  private ids: number;
  private time: VirtualTime;
  private processed: number;

  private constructor(checkpoint: Checkpoint, sink: TraceSink | undefined) {
    const { world } = checkpoint;
    this.network = world.network;
    this.slots = world.slots.map((slot) => ({ ...slot }));
    this.byName = new Map(this.slots.map((slot) => [slot.program.name, slot]));
    this.apiservers = this.slots.filter((slot) => slot.program.role === 'apiserver');
    this.agenda = new Agenda(world.agenda);
    this.writer = new TraceWriter(sink, world.writer);
    this.calls = new Map(world.calls);
    this.etcdCalls = new Map(world.etcdCalls);
    this.watches = copyStreams(world.watches);
    this.etcdStreams = copyStreams(world.etcdStreams);
    this.streamsOfClient = new Map(world.streamsOfClient);
    this.disturbances = world.disturbances;
    this.held = world.held.slice();
    this.sequence = world.sequence;
    this.ids = world.ids;
    this.time = checkpoint.at;
    this.processed = checkpoint.events;
  }

  /** A cluster at virtual time 0, with every process about to start. */
  static create(
    spec: ClusterSpec,
    options: { readonly scenario?: string; readonly trace?: TraceSink } = {},
  ): Simulation {
    const slots = programsOf(spec).map((program, id): Slot => ({
      id,
      program,
      state: program.first,
      alive: true,
      incarnation: 1,
      sent: 0,
      offset: 0,
      rate: 1,
    }));
    const simulation = new Simulation(
      {
        at: 0,
        events: 0,
        world: {
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
        },
      },
      options.trace,
    );
    simulation.begin(spec, options.scenario ?? '');
    return simulation;
  }

  /** Goes on from a checkpoint, as often as one likes: the simulation it was taken from is not touched. */
  static resume(checkpoint: Checkpoint, options: { readonly trace?: TraceSink } = {}): Simulation {
    return new Simulation(checkpoint, options.trace);
  }

  private begin(spec: ClusterSpec, scenario: string): void {
    this.writer.line(headerLine(scenario, spec.seed));
    for (const slot of this.slots)
      this.writer.line(processLine(slot.id, slot.program.name, slot.program.kind));
    for (const slot of this.slots) if (slot.program.role !== 'etcd') this.push(0, slot, { type: 'start' });
    for (const action of spec.faults) {
      this.fault(action, action.at);
      if (action.do === 'crash' && action.for !== undefined)
        this.fault({ do: 'restart', process: action.process }, action.at + action.for);
    }
  }

  get now(): VirtualTime {
    return this.time;
  }

  /** How many events have been processed. */
  get events(): number {
    return this.processed;
  }

  /** True when only background timers are left: the cluster would stay as it is. */
  get settled(): boolean {
    return !this.agenda.busy && this.held.length === 0;
  }

  hash(): string {
    return this.writer.hash();
  }

  /** What etcd holds now. */
  registry(): Registry {
    return registryOf((this.slots[etcdId] as Slot).state);
  }

  /** The state of a process by its name, for reports on the run: a value, and nothing changes by reading it. */
  stateOf(process: string): unknown {
    return this.slotNamed(process).state;
  }

  processes(): readonly string[] {
    return this.slots.map((slot) => slot.program.name);
  }

  checkpoint(): Checkpoint {
    return {
      at: this.time,
      events: this.processed,
      world: {
        network: this.network,
        slots: this.slots.map((slot) => ({ ...slot })),
        agenda: this.agenda.entries(),
        sequence: this.sequence,
        ids: this.ids,
        calls: new Map(this.calls),
        etcdCalls: new Map(this.etcdCalls),
        watches: copyStreams(this.watches),
        etcdStreams: copyStreams(this.etcdStreams),
        streamsOfClient: new Map(this.streamsOfClient),
        disturbances: this.disturbances,
        held: this.held.slice(),
        writer: this.writer.state(),
      },
    };
  }

  /** Ends the trace. */
  close(): void {
    this.writer.close();
  }

  /** Puts a fault on the agenda, `at` a time that is not past. */
  fault(fault: Fault, at: VirtualTime = this.time): void {
    if (fault.do !== 'lagWatch') this.slotNamed(fault.process);
    this.push(Math.max(at, this.time), this.slots[etcdId] as Slot, { type: 'fault', fault });
  }

  run(until: Until): void {
    for (;;) {
      const next = this.agenda.peek();
      if (next === undefined) return;
      if (until.time !== undefined && next.at > until.time) {
        this.time = until.time;
        return;
      }
      if (until.settled === true && this.settled) return;
      if (until.events !== undefined && this.processed >= until.events) return;
      if (until.stop !== undefined && (this.processed & 255) === 0 && until.stop()) return;
      this.step();
    }
  }

  /** Processes one event; false when there was none left. */
  step(): boolean {
    const entry = this.agenda.pop();
    if (entry === undefined) return false;
    this.time = entry.at;
    const slot = this.slots[entry.to] as Slot;
    const { message } = entry;
    if (message.type === 'fault') this.inflict(entry, message.fault);
    else if (slot.alive && slot.incarnation === entry.incarnation) this.deliver(slot, entry.cause, message);
    else this.bounce(slot, entry.cause, message);
    return true;
  }

  /** Writes the event down; its id is `processed` from now on. */
  private happens(cause: number, process: number, message: Message): void {
    this.processed++;
    this.writer.line(eventLine(this.time, cause, process, message));
  }

  private deliver(slot: Slot, cause: number, message: Message): void {
    if (this.isStale(message)) return;
    if (message.type === 'watch' || message.type === 'etcdWatch') {
      if (isPaused(this.disturbances, slot.program.name, message.stream)) {
        this.held.push({ message, cause, to: slot.id });
        return;
      }
    }
    this.happens(cause, slot.id, message);
    const { program } = slot;
    switch (program.role) {
      case 'client':
        return this.deliverToClient(slot, program, message);
      case 'apiserver':
        return this.deliverToApiserver(slot, program, message);
      case 'etcd':
        return this.deliverToEtcd(slot, program, message);
    }
  }

  /** What a stream had under way when it ended never arrives. */
  private isStale(message: Message): boolean {
    if (message.type === 'watch') return !this.watches.has(message.watcher);
    if (message.type === 'etcdWatch') return !this.etcdStreams.has(message.etcdStream);
    return false;
  }

  // --- clients

  private deliverToClient(slot: Slot, program: ClientProgram, message: Message): void {
    switch (message.type) {
      case 'start':
      case 'timer':
      case 'answer':
        return this.client(slot, program.reduce(slot.state, message, this.clockOf(slot)));
      case 'watch':
      case 'watchClosed':
        return this.client(slot, program.reduce(slot.state, message, this.clockOf(slot)));
      default:
        throw new Error(`${slot.program.name} cannot be sent ${message.type}`);
    }
  }

  private client(slot: Slot, step: Step<unknown, ClientRequest<unknown>>): void {
    slot.state = step.state;
    for (const request of step.requests) this.performForClient(slot, request);
  }

  private performForClient(slot: Slot, request: ClientRequest<unknown>): void {
    switch (request.do) {
      case 'call':
        return this.call(slot, request.tag, request.request, request.userAgent, request.after ?? 0);
      case 'watch':
        return this.openWatch(slot, request);
      case 'unwatch':
        return this.closeWatchOf(slot, request.stream);
      case 'timer':
        return this.timer(slot, request.tag, request.after, request.background === true);
      case 'explain':
        return this.writer.line(explainLine(request.what, request.resource, request.key, request.detail));
      default:
        return never(request);
    }
  }

  private call(slot: Slot, tag: unknown, request: ApiRequest, userAgent: string, after: Duration): void {
    const server = this.serverFor(slot);
    const call = ++this.ids;
    this.calls.set(call, { client: slot.id, incarnation: slot.incarnation, server: server.id, tag, request });
    const at = this.time + after + this.travel('clientToApiserver', slot, server);
    this.push(at, server, { type: 'request', call, from: slot.id, userAgent, request });
  }

  private openWatch(
    slot: Slot,
    { stream, request, userAgent }: Extract<ClientRequest<unknown>, { do: 'watch' }>,
  ): void {
    const server = this.serverFor(slot);
    const watcher = ++this.ids;
    this.closeWatchOf(slot, stream);
    this.watches.set(watcher, {
      client: slot.id,
      incarnation: slot.incarnation,
      server: server.id,
      stream,
      lastArrival: 0,
    });
    this.streamsOfClient.set(`${slot.id}/${stream}`, watcher);
    const at = this.time + this.travel('clientToApiserver', slot, server);
    this.push(at, server, { type: 'openWatch', watcher, from: slot.id, stream, userAgent, request });
  }

  private closeWatchOf(slot: Slot, stream: string): void {
    const watcher = this.streamsOfClient.get(`${slot.id}/${stream}`);
    if (watcher !== undefined) this.endWatch(watcher, 'server');
  }

  /** A client is served by the apiserver its number chooses, or by the next one alive (as a load balancer would). */
  private serverFor(client: Slot): Slot {
    const count = this.apiservers.length;
    for (let i = 0; i < count; i++) {
      const server = this.apiservers[(client.id + i) % count] as Slot;
      if (server.alive) return server;
    }
    return this.apiservers[client.id % count] as Slot;
  }

  // --- apiservers

  private deliverToApiserver(slot: Slot, program: ApiserverProgram, message: Message): void {
    const now = this.clockOf(slot);
    const { state } = slot;
    switch (message.type) {
      case 'start':
      case 'timer':
      case 'request':
      case 'unwatch':
      case 'etcdAnswer':
      case 'etcdWatch':
      case 'etcdWatchClosed':
        return this.apiserver(slot, program.reduce(state, message, now));
      case 'openWatch': {
        const { watcher, userAgent, request } = message;
        return this.apiserver(
          slot,
          program.reduce(state, { type: 'watch', watcher, userAgent, request }, now),
        );
      }
      default:
        throw new Error(`${slot.program.name} cannot be sent ${message.type}`);
    }
  }

  private apiserver(slot: Slot, step: Step<unknown, ApiserverRequest<unknown>>): void {
    slot.state = step.state;
    for (const request of step.requests) this.performForApiserver(slot, request);
  }

  private performForApiserver(slot: Slot, request: ApiserverRequest<unknown>): void {
    switch (request.do) {
      case 'answer':
        return this.answer(slot, request.call, request.answer);
      case 'deliver': {
        const watch = this.watches.get(request.watcher);
        if (watch === undefined) return;
        const { watcher, event } = request;
        return this.sendOn(watch, slot, 'clientToApiserver', 0, {
          type: 'watch',
          watcher,
          stream: watch.stream,
          event,
        });
      }
      case 'closeWatch':
        return this.endWatch(request.watcher, 'client');
      case 'etcd':
        return this.etcdCall(slot, request.tag, request.request);
      case 'etcdWatch': {
        const stream = ++this.ids;
        const etcd = this.slots[etcdId] as Slot;
        this.etcdStreams.set(stream, {
          client: slot.id,
          incarnation: slot.incarnation,
          server: etcdId,
          stream: request.stream,
          lastArrival: 0,
        });
        const { key, rangeEnd, startRevision } = request;
        const create = { key, rangeEnd, startRevision, prevKv: true, progressNotify: true };
        return this.push(this.time + this.travel('apiserverToEtcd', slot, etcd), etcd, {
          type: 'openEtcdWatch',
          stream,
          create,
        });
      }
      case 'timer':
        return this.timer(slot, request.tag, request.after, request.background === true);
      default:
        return never(request);
    }
  }

  private answer(server: Slot, callId: number, answer: ApiAnswer): void {
    const call = this.calls.get(callId);
    if (call === undefined) return;
    this.calls.delete(callId);
    const client = this.slots[call.client] as Slot;
    const lost = (this.disturbances.lostAnswers.get(client.program.name) ?? 0) > 0;
    if (lost) this.disturbances = withLostAnswers(this.disturbances, client.program.name, -1);
    const { tag, request } = call;
    const at = this.time + this.travel('clientToApiserver', server, client);
    const message: Message = {
      type: 'answer',
      tag,
      request,
      answer: lost ? unreachable('unexpected EOF') : answer,
    };
    this.pushTo(at, client.id, call.incarnation, message);
  }

  private etcdCall(slot: Slot, tag: unknown, request: KvRequest<ApiObject>): void {
    const etcd = this.slots[etcdId] as Slot;
    const call = ++this.ids;
    this.etcdCalls.set(call, { client: slot.id, incarnation: slot.incarnation, tag, request });
    this.push(this.time + this.travel('apiserverToEtcd', slot, etcd), etcd, {
      type: 'kv',
      call,
      from: slot.id,
      request,
    });
  }

  // --- etcd

  private deliverToEtcd(slot: Slot, program: EtcdProgram, message: Message): void {
    const now = this.clockOf(slot);
    switch (message.type) {
      case 'kv':
        return this.etcd(slot, program.reduce(slot.state, message, now));
      case 'openEtcdWatch':
        return this.etcd(
          slot,
          program.reduce(slot.state, { type: 'watch', stream: message.stream, create: message.create }, now),
        );
      case 'closeEtcdStream':
        return this.etcd(
          slot,
          program.reduce(slot.state, { type: 'closeStream', stream: message.stream }, now),
        );
      default:
        throw new Error(`etcd cannot be sent ${message.type}`);
    }
  }

  /** What etcd has committed leaves it once it is on its disk: the answer and the watch events alike. */
  private etcd(slot: Slot, step: Step<unknown, EtcdServerRequest<ApiObject>>): void {
    slot.state = step.state;
    let commit = 0;
    for (const request of step.requests) {
      if (request.do !== 'committed') continue;
      commit = latency(this.network.etcdCommit, etcdId, etcdId, ++slot.sent);
      for (const event of request.events) this.writer.line(commitLine(event));
    }
    for (const request of step.requests) this.performForEtcd(slot, request, commit);
  }

  private performForEtcd(slot: Slot, request: EtcdServerRequest<ApiObject>, commit: Duration): void {
    switch (request.do) {
      case 'committed':
        return;
      case 'answer': {
        const call = this.etcdCalls.get(request.call);
        if (call === undefined) return;
        this.etcdCalls.delete(request.call);
        const client = this.slots[call.client] as Slot;
        const at = this.time + commit + this.travel('apiserverToEtcd', slot, client);
        const message: Message = {
          type: 'etcdAnswer',
          tag: call.tag,
          request: call.request,
          response: request.response,
        };
        return this.pushTo(at, client.id, call.incarnation, message);
      }
      case 'deliver': {
        const open = this.etcdStreams.get(request.stream);
        if (open === undefined || (request.response.created === true && request.response.events.length === 0))
          return;
        const { stream, response } = request;
        return this.sendOn(open, slot, 'apiserverToEtcd', commit, {
          type: 'etcdWatch',
          etcdStream: stream,
          stream: open.stream,
          response,
        });
      }
      default:
        return never(request);
    }
  }

  // --- the network

  private travel(link: keyof Network, from: Slot, to: Slot): Duration {
    return latency(this.network[link], from.id, to.id, ++from.sent);
  }

  /** Sends on a stream: later than all that was sent on it before. */
  private sendOn(open: OpenStream, from: Slot, link: keyof Network, after: Duration, message: Message): void {
    const client = this.slots[open.client] as Slot;
    const lag = lagOf(this.disturbances, client.program.name, open.stream);
    const at = Math.max(open.lastArrival, this.time + after + this.travel(link, from, client) + lag);
    open.lastArrival = at;
    this.pushTo(at, client.id, open.incarnation, message);
  }

  private push(at: VirtualTime, to: Slot, message: Message): void {
    this.pushTo(at, to.id, to.incarnation, message);
  }

  private pushTo(
    at: VirtualTime,
    to: number,
    incarnation: number,
    message: Message,
    background = false,
  ): void {
    this.agenda.push({
      at,
      sequence: ++this.sequence,
      cause: this.processed,
      to,
      incarnation,
      background,
      message,
    });
  }

  private timer(slot: Slot, tag: unknown, after: Duration, background: boolean): void {
    const delay = slot.rate === 1 ? after : Math.round(after / slot.rate);
    this.pushTo(this.time + delay, slot.id, slot.incarnation, { type: 'timer', tag }, background);
  }

  private clockOf(slot: Slot): VirtualTime {
    return slot.rate === 1 && slot.offset === 0 ? this.time : Math.round(this.time * slot.rate) + slot.offset;
  }

  // --- faults

  private slotNamed(process: string): Slot {
    const slot = this.byName.get(process);
    if (slot === undefined) throw new Error(`no process ${process}`);
    return slot;
  }

  private inflict(entry: Entry<Message>, fault: Fault): void {
    const { process } = fault;
    this.happens(entry.cause, entry.to, entry.message);
    switch (fault.do) {
      case 'lagWatch':
        this.disturbances = withLag(this.disturbances, process, fault.stream, fault.by);
        return;
      case 'pauseWatch':
        this.disturbances = withPause(this.disturbances, process, fault.stream, true);
        return;
      case 'resumeWatch':
        this.disturbances = withPause(this.disturbances, process, fault.stream, false);
        return this.releaseHeld();
      case 'dropWatch':
        return this.dropWatches(this.slotNamed(process), fault.stream);
      case 'crash':
        return this.crash(this.slotNamed(process));
      case 'restart':
        return this.restart(this.slotNamed(process));
      case 'loseAnswers':
        this.disturbances = withLostAnswers(this.disturbances, process, fault.count);
        return;
      case 'clock': {
        const slot = this.slotNamed(process);
        slot.offset = fault.offset;
        slot.rate = fault.rate;
        return;
      }
      default:
        return never(fault);
    }
  }

  /** What was held for a watch that goes on arrives now, in the order in which it would have. */
  private releaseHeld(): void {
    const held = this.held;
    this.held = [];
    for (const { message, cause, to } of held) {
      const slot = this.slots[to] as Slot;
      const stream = message.type === 'watch' || message.type === 'etcdWatch' ? message.stream : '';
      if (isPaused(this.disturbances, slot.program.name, stream)) this.held.push({ message, cause, to });
      else
        this.agenda.push({
          at: this.time,
          sequence: ++this.sequence,
          cause,
          to,
          incarnation: slot.incarnation,
          background: false,
          message,
        });
    }
  }

  private dropWatches(slot: Slot, stream: string): void {
    for (const [id, open] of this.watches)
      if (open.client === slot.id && (stream === '*' || open.stream === stream)) this.endWatch(id, 'both');
    for (const [id, open] of this.etcdStreams)
      if (open.client === slot.id && (stream === '*' || open.stream === stream))
        this.endEtcdStream(id, 'both');
  }

  private crash(slot: Slot): void {
    if (!slot.alive) return;
    slot.alive = false;
    slot.incarnation++;
    this.held = this.held.filter(({ to }) => to !== slot.id);
    for (const [id, call] of this.calls) {
      if (call.client === slot.id) this.calls.delete(id);
      else if (call.server === slot.id) this.failCall(id, call, 'connection reset by peer');
    }
    for (const [id, call] of this.etcdCalls)
      if (call.client === slot.id || slot.id === etcdId) this.failEtcdCall(id, call);
    for (const [id, open] of this.watches) {
      if (open.client === slot.id) this.endWatch(id, 'server');
      else if (open.server === slot.id) this.endWatch(id, 'client');
    }
    for (const [id, open] of this.etcdStreams) {
      if (open.client === slot.id) this.endEtcdStream(id, 'server');
      else if (slot.id === etcdId) this.endEtcdStream(id, 'client');
    }
  }

  private restart(slot: Slot): void {
    if (slot.alive) return;
    slot.alive = true;
    slot.state = slot.program.restarted(slot.state);
    if (slot.program.role !== 'etcd') this.push(this.time, slot, { type: 'start' });
  }

  /** A message came to a process that is dead, or has died since: whoever sent it learns as much as a network tells. */
  private bounce(slot: Slot, cause: number, message: Message): void {
    if (message.type === 'request') {
      const call = this.calls.get(message.call);
      if (call !== undefined) this.failCall(message.call, call, 'connect: connection refused', cause);
    } else if (message.type === 'openWatch') this.endWatch(message.watcher, 'client');
    else if (message.type === 'kv') {
      const call = this.etcdCalls.get(message.call);
      if (call !== undefined) this.failEtcdCall(message.call, call);
    } else if (message.type === 'openEtcdWatch') this.endEtcdStream(message.stream, 'client');
  }

  private failCall(id: number, call: Call, why: string, cause = this.processed): void {
    this.calls.delete(id);
    const { client, incarnation, tag, request, server } = call;
    const at =
      this.time + this.travel('clientToApiserver', this.slots[server] as Slot, this.slots[client] as Slot);
    const message: Message = { type: 'answer', tag, request, answer: unreachable(why) };
    this.agenda.push({
      at,
      sequence: ++this.sequence,
      cause,
      to: client,
      incarnation,
      background: false,
      message,
    });
  }

  private failEtcdCall(id: number, call: EtcdCall): void {
    this.etcdCalls.delete(id);
    const { client, incarnation, tag, request } = call;
    const error = { code: 14, message: 'etcdserver: connection error' };
    this.pushTo(this.time, client, incarnation, {
      type: 'etcdAnswer',
      tag,
      request,
      response: { type: 'error', error },
    });
  }

  /** Ends a watch; `tell` says which end does not know yet. */
  private endWatch(id: number, tell: 'client' | 'server' | 'both'): void {
    const open = this.watches.get(id);
    if (open === undefined) return;
    this.watches.delete(id);
    const key = `${open.client}/${open.stream}`;
    if (this.streamsOfClient.get(key) === id) this.streamsOfClient.delete(key);
    const server = this.slots[open.server] as Slot;
    if (tell !== 'client' && server.alive) this.push(this.time, server, { type: 'unwatch', watcher: id });
    if (tell === 'server') return;
    const at = Math.max(open.lastArrival, this.time);
    this.pushTo(at, open.client, open.incarnation, { type: 'watchClosed', watcher: id, stream: open.stream });
  }

  private endEtcdStream(id: number, tell: 'client' | 'server' | 'both'): void {
    const open = this.etcdStreams.get(id);
    if (open === undefined) return;
    this.etcdStreams.delete(id);
    const etcd = this.slots[etcdId] as Slot;
    if (tell !== 'client' && etcd.alive) this.push(this.time, etcd, { type: 'closeEtcdStream', stream: id });
    if (tell !== 'server')
      this.pushTo(this.time, open.client, open.incarnation, { type: 'etcdWatchClosed', stream: open.stream });
  }
}

function copyStreams(streams: ReadonlyMap<number, OpenStream>): Map<number, OpenStream> {
  return new Map([...streams].map(([id, open]) => [id, { ...open }]));
}
