/** The clients of the apiservers: what reaches them, and what becomes of what they ask for. */
import type { Credential } from '../../core/apiserver/authentication/authenticate.ts';
import type { ClientEvent, ClientRequest } from '../../core/client/component.ts';
import { retryDelay } from '../../core/client/retry.ts';
import { never } from '../../core/reducer.ts';
import { second, type Duration } from '../../core/time/time.ts';
import { credentialFor } from '../process/keyring.ts';
import { inflict } from './faults.ts';
import type { Call, Message } from '../process/message.ts';
import type { ClientProgram } from '../process/program.ts';
import { endWatchOf, streamKey } from './streams.ts';
import type { Slot, World } from './world.ts';

export function deliverToClient(world: World, slot: Slot, program: ClientProgram, message: Message): void {
  switch (message.type) {
    case 'answer': {
      const delay = message.call === undefined ? undefined : retryDelay(message.answer, message.call.retries);
      if (message.call !== undefined && delay !== undefined)
        return send(world, slot, { ...message.call, retries: message.call.retries + 1 }, delay);
      return tell(world, slot, program, message);
    }
    case 'start':
    case 'timer':
    case 'watch':
    case 'watchClosed':
      return tell(world, slot, program, message);
    default:
      throw new Error(`${program.name} cannot be sent ${message.type}`);
  }
}

function tell(world: World, slot: Slot, program: ClientProgram, event: ClientEvent<unknown>): void {
  const before = slot.state;
  const clock = world.clockOf(slot);
  const step = program.reduce(before, event, clock);
  slot.state = step.state;
  world.observer?.stepped(program.name, before, step, world.time, event, clock);
  for (const request of step.requests) perform(world, slot, request);
}

/** What a process asks for is under way from here. */
export function perform(world: World, slot: Slot, request: ClientRequest<unknown>): void {
  switch (request.do) {
    case 'call':
      return call(world, slot, request);
    case 'watch':
      return openWatch(world, slot, request);
    case 'unwatch':
      return endWatchOf(world, slot, request.stream);
    case 'timer':
      return world.timer(slot, request.tag, request.after, request.background === true);
    case 'exit':
      return exit(world, slot);
    case 'explain':
      return world.writer.explanation(request.what, request.resource, request.key, request.detail);
    default:
      return never(request);
  }
}

/** A static Pod's container that has ended is started again by its kubelet. */
function exit(world: World, slot: Slot): void {
  const process = slot.program.name;
  inflict(world, { do: 'crash', process });
  world.push(world.time + restartAfter, world.etcd, { type: 'fault', fault: { do: 'restart', process } });
}

/** From the end of a container to the next one's start, the first time (assumed). */
const restartAfter: Duration = 1 * second;

function call(world: World, slot: Slot, wish: Extract<ClientRequest<unknown>, { do: 'call' }>): void {
  const { tag, request, userAgent, impersonation, after = 0 } = wish;
  const server = serverFor(world, slot).id;
  const { id: client, incarnation } = slot;
  send(
    world,
    slot,
    { client, incarnation, server, tag, request, userAgent, impersonation, retries: 0 },
    after,
  );
}

function send(world: World, slot: Slot, wanted: Call, after: Duration): void {
  const server = world.slot(wanted.server);
  const id = world.nextId();
  world.calls.set(id, wanted);
  const at = world.time + after + world.travel('clientToApiserver', slot, server);
  world.push(at, server, {
    type: 'request',
    call: id,
    from: slot.id,
    userAgent: wanted.userAgent,
    credential: credentialOf(slot, wanted.userAgent),
    impersonation: wanted.impersonation,
    request: wanted.request,
  });
}

function openWatch(world: World, slot: Slot, wish: Extract<ClientRequest<unknown>, { do: 'watch' }>): void {
  const { stream, request, userAgent } = wish;
  const server = serverFor(world, slot);
  endWatchOf(world, slot, stream);
  const watcher = world.nextId();
  world.watches.set(watcher, {
    client: slot.id,
    incarnation: slot.incarnation,
    server: server.id,
    stream,
    lastArrival: 0,
  });
  world.streamsOfClient.set(streamKey(slot.id, stream), watcher);
  const at = world.time + world.travel('clientToApiserver', slot, server);
  world.push(at, server, {
    type: 'openWatch',
    watcher,
    from: slot.id,
    stream,
    userAgent,
    credential: credentialOf(slot, userAgent),
    request,
  });
}

/** What is shown is what the process has when it asks. */
const credentialOf = ({ keyring }: Slot, userAgent: string): Credential | undefined =>
  keyring === undefined ? undefined : credentialFor(keyring, userAgent);

/** A client is served by the apiserver its number chooses, or by the next one alive, as behind a load balancer. */
function serverFor(world: World, client: Slot): Slot {
  const servers = world.apiservers;
  for (let i = 0; i < servers.length; i++) {
    const server = servers[(client.id + i) % servers.length] as Slot;
    if (server.alive) return server;
  }
  return servers[client.id % servers.length] as Slot;
}
