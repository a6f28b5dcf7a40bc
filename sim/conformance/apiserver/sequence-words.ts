/**
 * What an apiserver answers and tells a watch, in the words of a recorded sequence: objects reduced to what the recording
 * kept, revisions, uids and tokens as symbols, messages cut to their first line.
 */
import { itemsOf } from '../../../core/api/list-items.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer, Status, WatchEvent } from '../../../core/api/request.ts';
import type { Symbols } from './symbols.ts';

export type Answer = Readonly<Record<string, unknown>>;

export function answerWords(symbols: Symbols, answer: ApiAnswer, asked: number): Answer {
  if (!answer.ok) return statusWords(symbols, answer.status, asked);
  const { code, object, list, status } = answer;
  if (list !== undefined) {
    const items = itemsOf(list).map((item) => objectWords(symbols, item));
    const resourceVersion = symbols.revisionWord(Number(list.resourceVersion));
    const { page } = list;
    return pruned({
      code,
      resourceVersion: list.isDeleted === true ? undefined : resourceVersion,
      items,
      continue: page?.continue === undefined ? undefined : symbols.tokenWord(page.continue),
      remainingItemCount: page?.remaining,
    });
  }
  if (object !== undefined) return { code, object: objectWords(symbols, object) };
  const { name, uid } = status?.details ?? {};
  const details = name === undefined ? undefined : { name, uid: symbols.uidWord(uid ?? '') };
  return pruned({ code, status: status?.status, details });
}

export function statusWords(
  symbols: Symbols,
  { code, reason, message, details, metadata }: Status,
  asked: number,
): Answer {
  const token = metadata['continue'];
  return pruned({
    code,
    reason,
    message: message === undefined ? undefined : symbols.inMessage(firstLine(message), asked),
    causes: details?.causes?.map((cause) =>
      pruned({
        ...cause,
        message: cause.message === undefined ? undefined : symbols.inMessage(firstLine(cause.message), asked),
      }),
    ),
    retryAfterSeconds: details?.retryAfterSeconds,
    continue: typeof token === 'string' ? symbols.tokenWord(token) : undefined,
  });
}

export function eventWords(
  symbols: Symbols,
  { type, object, initialEventsEnd }: WatchEvent,
  now: number,
): Answer {
  if (object.kind === 'Status' && type === 'ERROR')
    return { type, ...statusWords(symbols, object as Status, now) };
  const { metadata } = object as ApiObject;
  if (type === 'BOOKMARK')
    return pruned({
      type,
      initialEventsEnd,
      resourceVersion: symbols.revisionWord(Number(metadata.resourceVersion)),
    });
  return { type, object: objectWords(symbols, object as ApiObject) };
}

function objectWords(symbols: Symbols, object: ApiObject): Answer {
  const { metadata, data, spec, status } = object as Reduced;
  return pruned({
    metadata: pruned({
      name: metadata.name,
      namespace: metadata.namespace,
      labels: metadata.labels,
      annotations: metadata.annotations,
      finalizers: metadata.finalizers,
      generation: metadata.generation,
      deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
      deletionTimestamp: metadata.deletionTimestamp === undefined ? undefined : 'set',
      uid: symbols.uidWord(metadata.uid),
      resourceVersion: symbols.revisionWord(Number(metadata.resourceVersion)),
    }),
    data,
    spec: spec === undefined ? undefined : partOf(spec, specFields),
    status:
      status === undefined
        ? undefined
        : pruned({
            ...partOf(status, statusFields),
            conditions: status.conditions?.map(({ type, status: value }) => `${type}=${value}`),
          }),
  });
}

interface Reduced extends ApiObject {
  readonly data?: unknown;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const specFields = ['nodeName', 'schedulerName', 'terminationGracePeriodSeconds', 'restartPolicy'];
const statusFields = ['phase', 'qosClass', 'podIP'];

function partOf(whole: Readonly<Record<string, unknown>>, fields: readonly string[]): Answer {
  return pruned(Object.fromEntries(fields.map((field) => [field, whole[field]])));
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** The recording with the messages of refusals cut to their first lines. */
export function withFirstLines(want: Answer): Answer {
  const { message, causes } = want as {
    readonly message?: string;
    readonly causes?: readonly { message?: string }[];
  };
  return pruned({
    ...want,
    message: message === undefined ? undefined : firstLine(message),
    causes: causes?.map((cause) => pruned({ ...cause, message: firstLine(cause.message ?? '') })),
  });
}

/** Without the fields that have no value. */
function pruned(fields: Answer): Answer {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
