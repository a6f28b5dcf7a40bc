/** Any event of a trace as a message between two processes, in words. */
import { shortNameOf } from '../trace/names.ts';
import { eventAt, processName, type TraceIndex } from '../trace/trace-index.ts';
import type { TraceEvent } from '../trace/event.ts';
import { requestVerb } from './reason.ts';

export interface Message {
  /** Undefined: it came from nowhere but the process itself. */
  readonly from: string | undefined;
  readonly to: string;
  readonly text: string;
}

/** Who told whom what at an event. */
export function messageAt(index: TraceIndex, id: number): Message {
  const event = eventAt(index, id);
  const to = processName(index, event.process);
  return { from: senderOf(index, event), to, text: eventText(event) };
}

/** Requests name their sender; anything else comes from the process whose event caused it. */
function senderOf(index: TraceIndex, event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'request':
    case 'etcd':
    case 'openWatch':
      return processName(index, event.from);
    case 'start':
    case 'timer':
    case 'fault':
      return undefined;
    case 'answer':
    case 'etcdAnswer':
    case 'etcdWatch':
    case 'watch':
    case 'watchClosed':
    case 'unwatch':
    case 'openEtcdWatch':
    case 'closeEtcdStream':
    case 'etcdWatchClosed': {
      const sender = index.process[event.cause] ?? 0;
      return event.cause === 0 || sender === event.process ? undefined : processName(index, sender);
    }
  }
}

/** What an event says, without its processes. */
export function eventText(event: TraceEvent): string {
  switch (event.kind) {
    case 'start':
      return 'starts';
    case 'request':
      return `${requestVerb(event)} ${shortNameOf(event.resource, event.key)} (${event.userAgent})`;
    case 'answer':
      return `${event.code === 0 ? 'no answer' : event.code}${event.reason === '' ? '' : ` ${event.reason}`} to ${requestVerb(event)} ${shortNameOf(event.resource, event.key)}`;
    case 'etcd':
      return `${event.operation} ${event.key}`;
    case 'etcdAnswer':
      return `${event.succeeded ? 'done' : 'not done'}, revision ${event.revision}: ${event.operation} ${event.key}`;
    case 'etcdWatch':
      return event.type === 'PROGRESS'
        ? `progress to revision ${event.revision}`
        : `${event.type} ${event.key} at revision ${event.revision}`;
    case 'watch':
      return event.key === ''
        ? `${event.type} on ${event.stream}`
        : `${event.type} ${shortNameOf(event.stream, event.key)} at ${event.resourceVersion}`;
    case 'openWatch':
      return `watch ${event.stream}${event.resourceVersion === '' ? '' : ` from ${event.resourceVersion}`}`;
    case 'watchClosed':
      return `watch of ${event.stream} has ended`;
    case 'timer':
      return `timer: ${event.what}`;
    case 'fault':
      return `fault: ${event.what}`;
    case 'unwatch':
      return 'closes a watch';
    case 'openEtcdWatch':
      return 'opens a watch of etcd';
    case 'closeEtcdStream':
      return 'closes a stream of etcd';
    case 'etcdWatchClosed':
      return "etcd's watch has ended";
  }
}
