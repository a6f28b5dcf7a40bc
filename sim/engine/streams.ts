/** Watches, of both kinds: what is sent on one arrives in the order it was sent, and nothing arrives after its end. */
import type { Duration } from '../../core/time/time.ts';
import { lagOf } from '../network/fault.ts';
import type { Network } from '../network/network.ts';
import type { Message, OpenStream } from '../process/message.ts';
import type { Slot, World } from './world.ts';

/** Which end of a stream does not know yet that it has ended. */
export type Unaware = 'client' | 'server' | 'both';

/** Sends on a stream: arrives later than all that was sent on it before. */
export function sendOn(
  world: World,
  open: OpenStream,
  from: Slot,
  link: keyof Network,
  after: Duration,
  message: Message,
): void {
  const client = world.slot(open.client);
  const lag = lagOf(world.disturbances, client.program.name, open.stream);
  const at = Math.max(open.lastArrival, world.time + after + world.travel(link, from, client) + lag);
  open.lastArrival = at;
  world.pushTo(at, client.id, open.incarnation, message, world.processed);
}

/** What a stream had under way when it ended never arrives. */
export function isStale(world: World, message: Message): boolean {
  if (message.type === 'watch') return !world.watches.has(message.watcher);
  if (message.type === 'etcdWatch') return !world.etcdStreams.has(message.etcdStream);
  return false;
}

export function endWatchOf(world: World, client: Slot, stream: string): void {
  const watcher = world.streamsOfClient.get(streamKey(client.id, stream));
  if (watcher !== undefined) endWatch(world, watcher, 'server');
}

export const streamKey = (client: number, stream: string): string => `${client}/${stream}`;

export function endWatch(world: World, id: number, unaware: Unaware): void {
  const open = world.watches.get(id);
  if (open === undefined) return;
  world.watches.delete(id);
  const key = streamKey(open.client, open.stream);
  if (world.streamsOfClient.get(key) === id) world.streamsOfClient.delete(key);
  const server = world.slot(open.server);
  if (unaware !== 'client' && server.alive) world.push(world.time, server, { type: 'unwatch', watcher: id });
  if (unaware === 'server') return;
  // What was sent before the end has arrived by then, or would have: the end of a stream overtakes nothing either.
  const at = Math.max(open.lastArrival, world.time);
  world.pushTo(
    at,
    open.client,
    open.incarnation,
    { type: 'watchClosed', watcher: id, stream: open.stream },
    world.processed,
  );
}

export function endEtcdStream(world: World, id: number, unaware: Unaware): void {
  const open = world.etcdStreams.get(id);
  if (open === undefined) return;
  world.etcdStreams.delete(id);
  if (unaware !== 'client' && world.etcd.alive)
    world.push(world.time, world.etcd, { type: 'closeEtcdStream', stream: id });
  if (unaware === 'server') return;
  world.pushTo(
    world.time,
    open.client,
    open.incarnation,
    { type: 'etcdWatchClosed', stream: open.stream },
    world.processed,
  );
}
