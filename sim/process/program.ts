/**
 * What runs in a process: a component's reducer with its first state, the types of its state and tags set aside. The
 * loop gives a program only what that program asked for, so a tag always comes back to who made it.
 */
import type { ApiserverEvent, ApiserverRequest } from '../../core/apiserver/message.ts';
import type { ClientEvent, ClientRequest } from '../../core/client/component.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerEvent, EtcdServerRequest } from '../../core/etcd/message.ts';
import type { Reducer, Step } from '../../core/reducer.ts';
import type { Duration, VirtualTime } from '../../core/time/time.ts';
import type { Keyring } from './keyring.ts';

export type ProcessKind =
  'etcd' | 'apiserver' | 'scheduler' | 'controller-manager' | 'kubelet' | 'user' | 'workload' | 'world';

/** What a process that gives signs of life, which are not all written, says before it falls silent and after. */
export interface Heartbeats<State, Tag> {
  readonly last: (state: State, now: VirtualTime) => readonly ClientRequest<Tag>[];
  /** The timer that makes it give a sign. */
  readonly again: Tag;
}

interface Common {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly first: unknown;
  /** What is left of a state when the process starts again: its memory is gone, its disk is not. */
  readonly restarted: (state: unknown) => unknown;
}

export interface ClientProgram extends Common {
  readonly role: 'client';
  /** What it has at its start. */
  readonly keyring: Keyring;
  /** Of a kubelet whose renewals are not written. */
  readonly heartbeats: Heartbeats<unknown, unknown> | undefined;
  readonly reduce: (
    state: unknown,
    event: ClientEvent<unknown>,
    now: VirtualTime,
  ) => Step<unknown, ClientRequest<unknown>>;
}

export interface ApiserverProgram extends Common {
  readonly role: 'apiserver';
  readonly reduce: (state: unknown, event: ApiserverEvent<unknown>, now: VirtualTime) => ApiserverProgramStep;
}

/** `took`: the answers and requests leave the process so much later. */
type ApiserverProgramStep = Step<unknown, ApiserverRequest<unknown>> & {
  readonly took?: Duration;
};

export interface EtcdProgram extends Common {
  readonly role: 'etcd';
  readonly reduce: (
    state: unknown,
    event: EtcdServerEvent<ApiObject>,
    now: VirtualTime,
  ) => Step<unknown, EtcdServerRequest<ApiObject>>;
}

export type Program = ClientProgram | ApiserverProgram | EtcdProgram;

interface Parts<State, Event, Request> {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly first: State;
  readonly restarted?: (state: State) => State;
  readonly reduce: Reducer<State, Event, Request>;
}

function common<State>(parts: {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly first: State;
  readonly restarted?: (state: State) => State;
}): Common {
  const { name, kind, first, restarted } = parts;
  return {
    name,
    kind,
    first,
    restarted: restarted === undefined ? () => first : (state) => restarted(state as State),
  };
}

export function clientProgram<State, Tag>(
  parts: Parts<State, ClientEvent<Tag>, ClientRequest<Tag>> & {
    readonly keyring: Keyring;
    readonly heartbeats?: Heartbeats<State, Tag> | undefined;
  },
): ClientProgram {
  const { heartbeats } = parts;
  return {
    ...common(parts),
    role: 'client',
    keyring: parts.keyring,
    heartbeats:
      heartbeats === undefined
        ? undefined
        : { again: heartbeats.again, last: (state, now) => heartbeats.last(state as State, now) },
    // The function itself, which five thousand kubelets share: a closure for each would have to be fetched at each event.
    reduce: parts.reduce as ClientProgram['reduce'],
  };
}

export function apiserverProgram<State, Tag>(
  parts: Parts<State, ApiserverEvent<Tag>, ApiserverRequest<Tag>> & {
    readonly reduce: (state: State, event: ApiserverEvent<Tag>, now: VirtualTime) => ApiserverProgramStep;
  },
): ApiserverProgram {
  return {
    ...common(parts),
    role: 'apiserver',
    reduce: (state, event, now) => parts.reduce(state as State, event as ApiserverEvent<Tag>, now),
  };
}

export function etcdProgram<State>(
  parts: Parts<State, EtcdServerEvent<ApiObject>, EtcdServerRequest<ApiObject>>,
): EtcdProgram {
  return {
    ...common(parts),
    role: 'etcd',
    reduce: (state, event, now) => parts.reduce(state as State, event, now),
  };
}
