/**
 * A new Pod may come before its ServiceAccount, or before this server has heard of it: the server asks etcd itself, and
 * where it is the account that every namespace gets, it asks again for a while.
 * (kubernetes v1.34.1 plugin/pkg/admission/serviceaccount/admission.go getServiceAccount)
 */
import type { PodSpec } from '../../api/generated/types.ts';
import { keyFor } from '../../api/object.ts';
import { isMirror } from '../../api/pod.ts';
import type { CreateRequest } from '../../api/request.ts';
import { uniform } from '../../random/draw.ts';
import { millisecond } from '../../time/time.ts';
import { accountNameOf, serviceAccountPlugin } from '../admission/service-account.ts';
import {
  ask,
  viewIn,
  type ApiserverState,
  type ApiserverStep,
  type Ask,
  type RequestEvent,
} from '../state.ts';

/** The key of the account a new Pod needs and this server does not know; undefined where nothing is missing. */
export function missingAccount(
  state: ApiserverState,
  { resource, object }: CreateRequest,
  namespace: string,
): string | undefined {
  if (resource !== 'pods') return undefined;
  const { spec } = object as { readonly spec?: PodSpec | null };
  // Off the common path: a spec of another type is refused later, with its own words.
  if (typeof spec !== 'object' || spec === null || isMirror(object)) return undefined;
  const key = keyFor(namespace, accountNameOf(spec));
  if (viewIn(state, 'serviceaccounts').objects.get(key) !== undefined) return undefined;
  return state.config.disabledAdmission.includes(serviceAccountPlugin.name) ? undefined : key;
}

/** Asks etcd for the account. `attempt` counts from 1. */
export const lookUpAccount = (
  state: ApiserverState,
  event: RequestEvent,
  account: string,
  attempt: number,
): ApiserverStep =>
  ask(state, {
    do: 'etcd',
    tag: { of: 'account', event, account, attempt },
    request: { type: 'range', key: `/registry/serviceaccounts/${account}` },
  });

/** Between two looks: it is drawn once a request, up to twice as much. */
const shortestWait = 100 * millisecond;

/** The wait before another look; undefined: this was the last. */
export function nextAccountLookup(
  state: ApiserverState,
  event: RequestEvent,
  account: string,
  attempt: number,
): Ask | undefined {
  const attempts = account.endsWith('/default') ? 10 : 1;
  if (attempt >= attempts) return undefined;
  const after = Math.floor(shortestWait * (1 + uniform(state.luck.accountWait, account, event.call)));
  return { do: 'timer', tag: { of: 'account', event, account, attempt: attempt + 1 }, after };
}
