/** The apiservers: what reaches them from their clients and from etcd, and what becomes of what they ask for. */
import type { ApiserverEvent, ApiserverRequest } from '../../core/apiserver/message.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { ApiAnswer } from '../../core/api/request.ts';
import type { KvRequest } from '../../core/etcd/message.ts';
import { never } from '../../core/reducer.ts';
import type { Duration } from '../../core/time/time.ts';
import { withLostAnswers } from '../network/fault.ts';
import type { Message } from '../process/message.ts';
import type { ApiserverProgram } from '../process/program.ts';
import { endWatch, sendOn } from './streams.ts';
import { unreachable } from './unreachable.ts';
import { etcdId, type Slot, type World } from './world.ts';

export function deliverToApiserver(
  world: World,
  slot: Slot,
  program: ApiserverProgram,
  message: Message,
): void {
  const step = program.reduce(slot.state, eventOf(program, message), world.clockOf(slot));
  slot.state = step.state;
  const took = step.took ?? 0;
  for (const request of step.requests) perform(world, slot, request, took);
}

function eventOf(program: ApiserverProgram, message: Message): ApiserverEvent<unknown> {
  switch (message.type) {
    case 'start':
    case 'timer':
    case 'request':
    case 'unwatch':
    case 'etcdAnswer':
    case 'etcdWatch':
    case 'etcdWatchClosed':
      return message;
    case 'openWatch':
      return {
        type: 'watch',
        watcher: message.watcher,
        userAgent: message.userAgent,
        credential: message.credential,
        request: message.request,
      };
    default:
      throw new Error(`${program.name} cannot be sent ${message.type}`);
  }
}

/** What an apiserver asks for leaves it once it has taken the time for it. */
function perform(world: World, slot: Slot, request: ApiserverRequest<unknown>, took: Duration): void {
  switch (request.do) {
    case 'answer':
      return answer(world, slot, request.call, request.answer, took);
    case 'deliver': {
      const { watcher, event } = request;
      const watch = world.watches.get(watcher);
      if (watch === undefined) return;
      return sendOn(world, watch, slot, 'clientToApiserver', took, {
        type: 'watch',
        watcher,
        stream: watch.stream,
        event,
      });
    }
    case 'closeWatch':
      return endWatch(world, request.watcher, 'client');
    case 'etcd':
      return etcdCall(world, slot, request.tag, request.request, took);
    case 'etcdWatch':
      return openEtcdWatch(world, slot, request);
    case 'timer':
      return world.timer(slot, request.tag, request.after, request.background === true);
    default:
      return never(request);
  }
}

function answer(world: World, server: Slot, id: number, given: ApiAnswer, took: Duration): void {
  const call = world.calls.get(id);
  if (call === undefined) return;
  world.calls.delete(id);
  const client = world.slot(call.client);
  const lost = (world.disturbances.lostAnswers.get(client.program.name) ?? 0) > 0;
  if (lost) world.disturbances = withLostAnswers(world.disturbances, client.program.name, -1);
  const { tag, request } = call;
  const at = world.time + took + world.travel('clientToApiserver', server, client);
  const message: Message = {
    type: 'answer',
    tag,
    request,
    answer: lost ? unreachable('unexpected EOF') : given,
    call,
  };
  world.pushTo(at, client.id, call.incarnation, message, world.processed);
}

function etcdCall(
  world: World,
  slot: Slot,
  tag: unknown,
  request: KvRequest<ApiObject>,
  took: Duration,
): void {
  const { etcd } = world;
  const call = world.nextId();
  world.etcdCalls.set(call, { client: slot.id, incarnation: slot.incarnation, tag, request });
  const at = world.time + took + world.travel('apiserverToEtcd', slot, etcd);
  world.push(at, etcd, { type: 'kv', call, from: slot.id, request });
}

function openEtcdWatch(
  world: World,
  slot: Slot,
  wish: Extract<ApiserverRequest<unknown>, { do: 'etcdWatch' }>,
): void {
  const { etcd } = world;
  const { stream: name, key, rangeEnd, startRevision } = wish;
  const stream = world.nextId();
  world.etcdStreams.set(stream, {
    client: slot.id,
    incarnation: slot.incarnation,
    server: etcdId,
    stream: name,
    lastArrival: 0,
  });
  const create = { key, rangeEnd, startRevision, prevKv: true };
  world.push(world.time + world.travel('apiserverToEtcd', slot, etcd), etcd, {
    type: 'openEtcdWatch',
    stream,
    create,
  });
}
