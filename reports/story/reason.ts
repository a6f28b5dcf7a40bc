/** Requests and reasons in words. */
import { shortName, shortNameOf } from '../trace/names.ts';
import type { AnswerEvent, RequestEvent } from '../trace/event.ts';
import type { WriteRecord } from '../trace/registry.ts';
import { eventAt, processName, type TraceIndex } from '../trace/trace-index.ts';
import type { Because, Step } from './step.ts';
import { requestOf, writesAt, type Trigger } from './walk.ts';

/** `create`, `bind`, `update status`, `delete`. A write that removes the key is the end of a deletion, whatever the verb. */
export function requestVerb(
  { verb, subresource }: Pick<RequestEvent | AnswerEvent, 'verb' | 'subresource'>,
  write?: WriteRecord,
): string {
  if (subresource === 'binding') return 'bind';
  if (subresource === 'eviction') return 'evict';
  if (write !== undefined && 'delete' in write && verb !== 'delete') return `${verb}, deletes`;
  return subresource === '' ? verb : `${verb} ${subresource}`;
}

/** Why a component did something: the step that moved it, if it is of the same story, and what it heard. */
export function becauseOf(
  index: TraceIndex,
  trigger: Trigger,
  mover: Pick<Step, 'number'> | undefined,
): Because {
  const { kind, event, at, timers } = trigger;
  return {
    kind,
    step: mover?.number,
    event,
    at,
    text: reasonText(index, trigger),
    timer: kind === 'timer' ? '' : (timers[0] ?? ''),
  };
}

function reasonText(index: TraceIndex, trigger: Trigger): string {
  const event = eventAt(index, trigger.event);
  switch (trigger.kind) {
    case 'watch':
      return event.kind === 'watch'
        ? `heard ${event.type} ${heardOf(index, trigger, event.stream, event.key)}`
        : 'heard';
    case 'answer': {
      const request = trigger.commit === undefined ? undefined : requestOf(index, trigger.commit);
      const write = trigger.commit === undefined ? undefined : writesAt(index, trigger.commit)[0];
      if (request === undefined || write === undefined) return 'had an answer';
      return `had the answer to its ${requestVerb(request)} of ${shortName(write.key)}`;
    }
    case 'timer':
      return `its timer: ${trigger.timers[0] ?? ''}`;
    case 'start':
      return `${processName(index, event.process)} started`;
    case 'fault':
      return event.kind === 'fault' ? event.what : 'a fault';
    case 'action':
      return `${processName(index, event.process)}: its own doing`;
  }
}

/** A stream need not be called after its resource; the commit behind the event knows the object. */
function heardOf(index: TraceIndex, trigger: Trigger, stream: string, key: string): string {
  const write = trigger.commit === undefined ? undefined : writesAt(index, trigger.commit)[0];
  return write === undefined ? shortNameOf(stream, key) : shortName(write.key);
}
