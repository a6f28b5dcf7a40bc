/** What the faults of network/fault.ts do to the world. */
import { never } from '../../core/reducer.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import { isPaused, withLag, withLostAnswers, withPause, type Fault } from '../network/fault.ts';
import { perform } from './clients.ts';
import { endingAt } from '../process/keyring.ts';
import type { Call, EtcdCall, Message } from '../process/message.ts';
import { endEtcdStream, endWatch } from './streams.ts';
import { unreachable } from './unreachable.ts';
import { etcdId, type Held, type Slot, type World } from './world.ts';

export function inflict(world: World, fault: Fault): void {
  const { process } = fault;
  switch (fault.do) {
    case 'lagWatch':
      world.disturbances = withLag(world.disturbances, process, fault.stream, fault.by);
      return;
    case 'pauseWatch':
      world.disturbances = withPause(world.disturbances, process, fault.stream, true);
      return;
    case 'resumeWatch':
      world.disturbances = withPause(world.disturbances, process, fault.stream, false);
      return releaseHeld(world);
    case 'dropWatch':
      return dropWatches(world, world.slotNamed(process), fault.stream);
    case 'crash':
      return crash(world, world.slotNamed(process));
    case 'restart':
      return restart(world, world.slotNamed(process));
    case 'expireCertificate':
      lastWords(world, world.slotNamed(process));
      return certificateEnds(world.slotNamed(process), world.time);
    case 'renewCertificate':
      certificateEnds(world.slotNamed(process), undefined);
      return signOfLife(world, world.slotNamed(process));
    case 'loseAnswers':
      world.disturbances = withLostAnswers(world.disturbances, process, fault.count);
      return;
    case 'clock': {
      const slot = world.slotNamed(process);
      slot.offset = fault.offset;
      slot.rate = fault.rate;
      return;
    }
    default:
      return never(fault);
  }
}

/** What is under way goes on: a credential is looked at when a request comes in. */
function certificateEnds(slot: Slot, at: VirtualTime | undefined): void {
  if (slot.keyring !== undefined) slot.keyring = endingAt(slot.keyring, at);
}

/** Of the signs of life that were not written the last one is, for it is the one that decides. */
function lastWords(world: World, slot: Slot): void {
  const { program } = slot;
  if (program.role !== 'client' || program.heartbeats === undefined || !slot.alive) return;
  for (const request of program.heartbeats.last(slot.state, world.clockOf(slot)))
    perform(world, slot, request);
}

function signOfLife(world: World, slot: Slot): void {
  const { program } = slot;
  if (program.role === 'client' && program.heartbeats !== undefined)
    world.timer(slot, program.heartbeats.again, 0, false);
}

/** True when the message waits until its watch is resumed; it is kept then. */
export function isHeld(world: World, slot: Slot, cause: number, message: Message): boolean {
  if (message.type !== 'watch' && message.type !== 'etcdWatch') return false;
  if (!isPaused(world.disturbances, slot.program.name, message.stream)) return false;
  world.held = [...world.held, { message, cause, to: slot.id }];
  return true;
}

/** What was held for a watch that goes on arrives now, in the order in which it would have. */
function releaseHeld(world: World): void {
  const still: Held[] = [];
  for (const held of world.held) {
    const { message, cause, to } = held;
    const slot = world.slot(to);
    const stream = message.type === 'watch' || message.type === 'etcdWatch' ? message.stream : '';
    if (isPaused(world.disturbances, slot.program.name, stream)) still.push(held);
    else world.pushTo(world.time, to, slot.incarnation, message, cause);
  }
  world.held = still;
}

function dropWatches(world: World, slot: Slot, stream: string): void {
  const concerned = (open: { readonly client: number; readonly stream: string }): boolean =>
    open.client === slot.id && (stream === '*' || open.stream === stream);
  for (const [id, open] of [...world.watches]) if (concerned(open)) endWatch(world, id, 'both');
  for (const [id, open] of [...world.etcdStreams]) if (concerned(open)) endEtcdStream(world, id, 'both');
}

function crash(world: World, slot: Slot): void {
  if (!slot.alive) return;
  lastWords(world, slot);
  slot.alive = false;
  slot.incarnation++;
  world.held = world.held.filter(({ to }) => to !== slot.id);
  for (const [id, call] of [...world.calls]) {
    if (call.client === slot.id) world.calls.delete(id);
    else if (call.server === slot.id) failCall(world, id, call, 'connection reset by peer', world.processed);
  }
  for (const [id, call] of [...world.etcdCalls])
    if (call.client === slot.id || slot.id === etcdId) failEtcdCall(world, id, call);
  for (const [id, open] of [...world.watches]) {
    if (open.client === slot.id) endWatch(world, id, 'server');
    else if (open.server === slot.id) endWatch(world, id, 'client');
  }
  for (const [id, open] of [...world.etcdStreams]) {
    if (open.client === slot.id) endEtcdStream(world, id, 'server');
    else if (slot.id === etcdId) endEtcdStream(world, id, 'client');
  }
}

function restart(world: World, slot: Slot): void {
  if (slot.alive) return;
  slot.alive = true;
  slot.state = slot.program.restarted(slot.state);
  if (slot.program.role !== 'etcd') world.push(world.time, slot, { type: 'start' });
}

/** A message came to a process that is dead, or has died since: whoever sent it learns as much as a network tells. */
export function bounce(world: World, cause: number, message: Message): void {
  if (message.type === 'request') {
    const call = world.calls.get(message.call);
    if (call !== undefined) failCall(world, message.call, call, 'connect: connection refused', cause);
  } else if (message.type === 'openWatch') endWatch(world, message.watcher, 'client');
  else if (message.type === 'kv') {
    const call = world.etcdCalls.get(message.call);
    if (call !== undefined) failEtcdCall(world, message.call, call);
  } else if (message.type === 'openEtcdWatch') endEtcdStream(world, message.stream, 'client');
}

function failCall(world: World, id: number, call: Call, why: string, cause: number): void {
  world.calls.delete(id);
  const { client, incarnation, tag, request, server } = call;
  const at = world.time + world.travel('clientToApiserver', world.slot(server), world.slot(client));
  world.pushTo(at, client, incarnation, { type: 'answer', tag, request, answer: unreachable(why) }, cause);
}

function failEtcdCall(world: World, id: number, call: EtcdCall): void {
  world.etcdCalls.delete(id);
  const { client, incarnation, tag, request } = call;
  const error = { code: 14, message: 'etcdserver: connection error' };
  const message: Message = { type: 'etcdAnswer', tag, request, response: { type: 'error', error } };
  world.pushTo(world.time, client, incarnation, message, world.processed);
}
