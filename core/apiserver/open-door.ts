/**
 * The door as it stands open most of the time: everybody may do everything, no webhook and no policy has a say, and the
 * caches are filled. That is found out once for the caches it was read from; while they are the same, a request goes
 * straight to its verb. Whatever is not as usual goes the long way (reception.ts), which comes to the same.
 */
import { resources } from '../api/kinds.ts';
import type { VirtualTime } from '../time/time.ts';
import { chainOf } from './admission/chain.ts';
import { superAdminUser, type UserInfo } from './authentication/identities.ts';
import { cacheAt, type ApiserverConfig, type ApiserverState } from './state.ts';
import type { WaitingEvent, WatchCache } from './watch-cache.ts';

type Request = Extract<WaitingEvent, { readonly type: 'request' }>;

/** What is known of a server, and what it was read from. */
interface Door {
  readonly config: ApiserverConfig;
  readonly namespaces: WatchCache;
  readonly mutating: WatchCache;
  readonly validating: WatchCache;
  readonly bindings: WatchCache;
  readonly isOpen: boolean;
  /** No plugin and no policy looks at the statuses that kubelets send, and at bindings. */
  readonly passesStatuses: boolean;
  readonly passesBindings: boolean;
  /** Namespaces that are there, and stay, as far as they were asked for: where their Events are in etcd. */
  readonly eventPrefixes: Map<string, string>;
}

const placeIn = (resource: string): number => resources.findIndex((info) => info.resource === resource);
const namespaces = placeIn('namespaces');
const mutating = placeIn('mutatingwebhookconfigurations');
const validating = placeIn('validatingwebhookconfigurations');
const bindings = placeIn('validatingadmissionpolicybindings');

/** Of the server that was asked last. */
let known: Door | undefined;

function doorOf(state: ApiserverState): Door {
  const { caches, config } = state;
  if (
    known !== undefined &&
    known.namespaces === caches[namespaces] &&
    known.mutating === caches[mutating] &&
    known.validating === caches[validating] &&
    known.bindings === caches[bindings] &&
    known.config === config
  )
    return known;
  known = {
    config,
    namespaces: cacheAt(state, namespaces),
    mutating: cacheAt(state, mutating),
    validating: cacheAt(state, validating),
    bindings: cacheAt(state, bindings),
    isOpen:
      config.authorizationMode === 'AlwaysAllow' &&
      cacheAt(state, namespaces).phase === 'ready' &&
      cacheAt(state, mutating).view.objects.size === 0 &&
      cacheAt(state, validating).view.objects.size === 0,
    passesStatuses: passes(state, 'UPDATE', 'status'),
    passesBindings: passes(state, 'CREATE', 'binding'),
    eventPrefixes: new Map(),
  };
  return known;
}

function passes(state: ApiserverState, operation: 'CREATE' | 'UPDATE', subresource: string): boolean {
  const { admitting, validating: refusing } = chainOf(
    state.config.disabledAdmission,
    'pods',
    operation,
    subresource,
  );
  return admitting.length + refusing.length === 0 && cacheAt(state, bindings).view.objects.size === 0;
}

export const passesStatuses = (state: ApiserverState): boolean => doorOf(state).passesStatuses;
export const passesBindings = (state: ApiserverState): boolean => doorOf(state).passesBindings;

/**
 * What the keys of a namespace's Events begin with; undefined where nothing may be created in it, etcd has to be
 * asked, or a policy.
 */
export function eventPrefix(state: ApiserverState, namespace: string): string | undefined {
  const door = doorOf(state);
  const prefix = door.eventPrefixes.get(namespace);
  if (prefix !== undefined) return prefix;
  if (door.bindings.view.objects.size > 0) return undefined;
  const found = door.namespaces.view.objects.get(namespace);
  if (found === undefined || found.metadata.deletionTimestamp !== undefined) return undefined;
  const made = `/registry/events/${namespace}/`;
  door.eventPrefixes.set(namespace, made);
  return made;
}

/** Whose a request is that may go straight to its verb; undefined where it has to be looked at. `place`: of its cache. */
export function letIn(
  state: ApiserverState,
  event: Request,
  place: number,
  now: VirtualTime,
): UserInfo | undefined {
  const { credential, request } = event;
  if (event.impersonation !== undefined || place >= resources.length) return undefined;
  if (request.version !== undefined || (request.verb === 'create' && request.subresource === 'token'))
    return undefined;
  const cache = state.caches[place];
  if (cache === undefined || cache.phase === 'listing' || !doorOf(state).isOpen) return undefined;
  if (event.user !== undefined) return event.user;
  if (credential === undefined) return superAdminUser;
  if (credential.type !== 'certificate') return undefined;
  return credential.notAfter === undefined || now < credential.notAfter ? credential.user : undefined;
}
