/**
 * The world between two events: the processes as they are, the agenda, and what is under way between them. Only the
 * loop changes it; `saved` is a picture of it that later changes do not touch, since all that it holds is immutable but
 * the tables themselves, which are copied.
 */
import type { ClientEvent, ClientRequest } from '../../core/client/component.ts';
import type { Duration, VirtualTime } from '../../core/time/time.ts';
import type { Disturbances } from '../network/fault.ts';
import { latency, type Network } from '../network/network.ts';
import type { TraceSink } from '../trace/sink.ts';
import { TraceWriter, type WriterState } from '../trace/writer.ts';
import { Agenda, type Entry } from './agenda.ts';
import type { Keyring } from '../process/keyring.ts';
import type { Call, EtcdCall, Message, OpenStream } from '../process/message.ts';
import type { Program } from '../process/program.ts';

/** A process as it is now. */
export interface Slot {
  readonly id: number;
  readonly program: Program;
  /** What it shows the apiservers; of a client only. */
  keyring: Keyring | undefined;
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

/** A watch event that has arrived while its watch is paused. */
export interface Held {
  readonly message: Message;
  readonly cause: number;
  readonly to: number;
}

/** Who looks on as the processes decide: what a client knew, what it heard, and what it asked for then. It changes nothing. */
export interface Observer {
  stepped(
    process: string,
    before: unknown,
    step: { readonly state: unknown; readonly requests: readonly ClientRequest<unknown>[] },
    now: VirtualTime,
    event: ClientEvent<unknown>,
    /** What the process took for the time. */
    clock: VirtualTime,
  ): void;
}

export interface SavedWorld {
  readonly time: VirtualTime;
  readonly processed: number;
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
}

/** The number of etcd's process. */
export const etcdId = 0;

export class World {
  readonly network: Network;
  readonly slots: readonly Slot[];
  readonly apiservers: readonly Slot[];
  readonly agenda: Agenda<Message>;
  readonly writer: TraceWriter;
  readonly observer: Observer | undefined;
  readonly calls: Map<number, Call>;
  readonly etcdCalls: Map<number, EtcdCall>;
  readonly watches: Map<number, OpenStream>;
  readonly etcdStreams: Map<number, OpenStream>;
  /** The open watch of a client, by `process/stream`. */
  readonly streamsOfClient: Map<string, number>;
  disturbances: Disturbances;
  held: readonly Held[];
  time: VirtualTime;
  /** Events so far: the id of the one that is happening. */
  processed: number;
  private readonly byName: ReadonlyMap<string, Slot>;
  private sequence: number;
  private ids: number;

  constructor(saved: SavedWorld, sink: TraceSink | undefined, observer: Observer | undefined) {
    this.observer = observer;
    this.network = saved.network;
    this.slots = saved.slots.map((slot) => ({ ...slot }));
    this.apiservers = this.slots.filter((slot) => slot.program.role === 'apiserver');
    this.byName = new Map(this.slots.map((slot) => [slot.program.name, slot]));
    this.agenda = new Agenda(saved.agenda);
    this.writer = new TraceWriter(sink, saved.writer);
    this.calls = new Map(saved.calls);
    this.etcdCalls = new Map(saved.etcdCalls);
    this.watches = copied(saved.watches);
    this.etcdStreams = copied(saved.etcdStreams);
    this.streamsOfClient = new Map(saved.streamsOfClient);
    this.disturbances = saved.disturbances;
    this.held = saved.held;
    this.time = saved.time;
    this.processed = saved.processed;
    this.sequence = saved.sequence;
    this.ids = saved.ids;
  }

  saved(): SavedWorld {
    return {
      time: this.time,
      processed: this.processed,
      network: this.network,
      slots: this.slots.map((slot) => ({ ...slot })),
      agenda: this.agenda.entries(),
      sequence: this.sequence,
      ids: this.ids,
      calls: new Map(this.calls),
      etcdCalls: new Map(this.etcdCalls),
      watches: copied(this.watches),
      etcdStreams: copied(this.etcdStreams),
      streamsOfClient: new Map(this.streamsOfClient),
      disturbances: this.disturbances,
      held: this.held,
      writer: this.writer.state(),
    };
  }

  get etcd(): Slot {
    return this.slot(etcdId);
  }

  slot(id: number): Slot {
    return this.slots[id] as Slot;
  }

  slotNamed(process: string): Slot {
    const slot = this.byName.get(process);
    if (slot === undefined) throw new Error(`no process ${process}`);
    return slot;
  }

  /** A number for a call, a watch or a stream. */
  nextId(): number {
    return ++this.ids;
  }

  /** What a process takes for the time. */
  clockOf(slot: Slot): VirtualTime {
    return slot.rate === 1 && slot.offset === 0 ? this.time : Math.round(this.time * slot.rate) + slot.offset;
  }

  /** The latency of the next message from one process to another. */
  travel(link: keyof Network, from: Slot, to: Slot): Duration {
    return latency(this.network[link], from.id, to.id, ++from.sent);
  }

  /** Writes the event down; its id is `processed` from now on. */
  happens(cause: number, process: number, message: Message): void {
    this.processed++;
    this.writer.event(this.time, cause, process, message);
  }

  /** Puts a message on the agenda for the life that its receiver has now. */
  push(at: VirtualTime, to: Slot, message: Message): void {
    this.pushTo(at, to.id, to.incarnation, message, this.processed);
  }

  /** Puts a message on the agenda for the life of its receiver that asked for it. */
  pushTo(
    at: VirtualTime,
    to: number,
    incarnation: number,
    message: Message,
    cause: number,
    background = false,
  ): void {
    this.agenda.push({ at, sequence: ++this.sequence, cause, to, incarnation, background, message });
  }

  /** A process is to be reminded after `after` of its own clock. */
  timer(slot: Slot, tag: unknown, after: Duration, background: boolean): void {
    const delay = slot.rate === 1 ? after : Math.round(after / slot.rate);
    this.pushTo(
      this.time + delay,
      slot.id,
      slot.incarnation,
      { type: 'timer', tag },
      this.processed,
      background,
    );
  }
}

function copied(streams: ReadonlyMap<number, OpenStream>): Map<number, OpenStream> {
  return new Map([...streams].map(([id, open]) => [id, { ...open }]));
}
