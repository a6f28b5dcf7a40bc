/** etcd: what reaches it, and when what it answers leaves it. */
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerEvent, EtcdServerRequest, EtcdTimer } from '../../core/etcd/message.ts';
import { never } from '../../core/reducer.ts';
import type { Duration } from '../../core/time/time.ts';
import type { Message } from '../process/message.ts';
import type { EtcdProgram } from '../process/program.ts';
import { sendOn } from './streams.ts';
import type { Slot, World } from './world.ts';

export function deliverToEtcd(world: World, slot: Slot, program: EtcdProgram, message: Message): void {
  const step = program.reduce(slot.state, eventOf(message), world.clockOf(slot));
  slot.state = step.state;
  const commit = written(world, slot, step.requests);
  for (const request of step.requests) perform(world, slot, request, commit);
}

function eventOf(message: Message): EtcdServerEvent<ApiObject> {
  switch (message.type) {
    case 'kv':
      return message;
    case 'openEtcdWatch':
      return { type: 'watch', stream: message.stream, create: message.create };
    case 'closeEtcdStream':
      return { type: 'closeStream', stream: message.stream };
    case 'timer':
      return { type: 'timer', timer: message.tag as EtcdTimer };
    default:
      throw new Error(`etcd cannot be sent ${message.type}`);
  }
}

/** Writes down what was committed; how long the disk takes for it. */
function written(world: World, slot: Slot, requests: readonly EtcdServerRequest<ApiObject>[]): Duration {
  let commit = 0;
  for (const request of requests) {
    if (request.do !== 'committed') continue;
    commit = world.travel('etcdCommit', slot, slot);
    for (const event of request.events) world.writer.commit(event);
  }
  return commit;
}

/** What etcd has committed leaves it once it is on its disk: the answer and the watch events alike. */
function perform(world: World, slot: Slot, request: EtcdServerRequest<ApiObject>, commit: Duration): void {
  switch (request.do) {
    case 'committed':
      return;
    case 'answer': {
      const call = world.etcdCalls.get(request.call);
      if (call === undefined) return;
      world.etcdCalls.delete(request.call);
      const at = world.time + commit + world.travel('apiserverToEtcd', slot, world.slot(call.client));
      const message: Message = {
        type: 'etcdAnswer',
        tag: call.tag,
        request: call.request,
        response: request.response,
      };
      return world.pushTo(at, call.client, call.incarnation, message, world.processed);
    }
    case 'answerLease':
      throw new Error('no apiserver asks etcd for a lease');
    case 'timer':
      return world.timer(slot, request.timer, request.after, true);
    case 'deliver': {
      const { stream, response } = request;
      const open = world.etcdStreams.get(stream);
      // That a watch was created tells its client nothing it waits for; a refusal and events do.
      if (
        open === undefined ||
        (response.created === true && response.canceled !== true && response.events.length === 0)
      )
        return;
      const message: Message = { type: 'etcdWatch', etcdStream: stream, stream: open.stream, response };
      return sendOn(world, open, slot, 'apiserverToEtcd', commit, message);
    }
    default:
      return never(request);
  }
}
