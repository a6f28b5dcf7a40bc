/**
 * `serviceaccounts/token`: a token of an account that ends, and is believed only while what it is bound to is there. What it is
 * made of is read from this server's caches. (kubernetes v1.34.1 pkg/registry/core/serviceaccount/storage/token.go)
 */
import { invalidKind, badRequest, conflict, noSuchResource, notFound } from '../../api/status.ts';
import { invalidValue, type FieldError } from '../../api/field-error.ts';
import type { Pod } from '../../api/generated/types.ts';
import { keyFor } from '../../api/object.ts';
import type { CreateRequest, NewObject, Status } from '../../api/request.ts';
import { boundClaims, issuer, type Bearer, type Bound } from '../../api/token/account-claims.ts';
import { signed } from '../../api/token/jwt.ts';
import { second, timeText, type VirtualTime } from '../../time/time.ts';
import { refusalOfNode } from './node-token.ts';
import { uidFor } from '../names.ts';
import {
  answer,
  refuse,
  viewIn,
  type ApiserverState,
  type ApiserverStep,
  type RequestEvent,
} from '../state.ts';

interface TokenRequest extends NewObject {
  readonly spec?: {
    readonly audiences?: readonly string[] | undefined;
    readonly expirationSeconds?: number | undefined;
    readonly boundObjectRef?: Reference | undefined;
  };
}

/** What a token is to be bound to. */
export interface Reference {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
}

const kind = { kind: 'TokenRequest', group: 'authentication.k8s.io' };
const anHour = 3_600;
const shortest = 600;
const longest = 4_294_967_296;
/**
 * The kubelet's tokens are known by their 3,607 seconds. They are good for a year, and who uses them longer than was asked for
 * is warned of. (--service-account-extend-token-expiration)
 */
const ofKubelet = 3_607;
const aYear = 365 * 24 * anHour;

export function tokenRequested(
  state: ApiserverState,
  { call, user }: RequestEvent,
  request: CreateRequest,
  now: VirtualTime,
): ApiserverStep {
  const { namespace = '', name, resource } = request;
  if (resource !== 'serviceaccounts' || name === undefined) return refuse(state, call, noSuchResource());
  const asked = request.object as TokenRequest;
  if (asked.kind !== kind.kind)
    return refuse(
      state,
      call,
      badRequest(`${asked.kind} in version "v1" cannot be handled as a TokenRequest`),
    );
  const ofNode = refusalOfNode(state, user, request, asked.spec?.boundObjectRef);
  if (ofNode !== undefined) return refuse(state, call, ofNode);
  const mismatch = mismatched(asked, namespace, name);
  if (mismatch !== undefined) return refuse(state, call, invalidKind(kind, name, [mismatch]));
  const account = viewIn(state, 'serviceaccounts').objects.get(keyFor(namespace, name));
  if (account === undefined) return refuse(state, call, notFound('serviceaccounts', name));
  const { expirationSeconds = anHour, boundObjectRef, audiences = [] } = asked.spec ?? {};
  const problem = problemOf(expirationSeconds);
  if (problem !== undefined) return refuse(state, call, invalidKind(kind, '', [problem]));
  const bound = boundObjectRef === undefined ? {} : boundTo(state, namespace, name, boundObjectRef);
  if ('code' in bound) return refuse(state, call, bound);
  const wanted = audiences.length === 0 ? [issuer] : audiences;
  const isExtended =
    expirationSeconds === ofKubelet && bound.pod !== undefined && wanted.every((each) => each === issuer);
  const claims = boundClaims(
    {
      namespace,
      account: account.metadata,
      audiences: wanted,
      bound,
      expirationSeconds: isExtended ? aYear : expirationSeconds,
      warnAfterSeconds: isExtended ? expirationSeconds : undefined,
      id: uidFor(state.luck, `${namespace}/${name}/token/${call}`, now),
    },
    now,
  );
  const object = {
    ...asked,
    metadata: { ...asked.metadata, name, namespace, creationTimestamp: timeText(now) },
    spec: { ...asked.spec, audiences: wanted, expirationSeconds },
    status: {
      token: signed(state.config.seed, claims),
      expirationTimestamp: timeText(now + expirationSeconds * second),
    },
  };
  return answer(state, call, { ok: true, code: 201, object: object as never });
}

function mismatched({ metadata }: TokenRequest, namespace: string, name: string): FieldError | undefined {
  if ((metadata.name ?? name) !== name)
    return invalidValue(
      'metadata.name',
      metadata.name ?? '',
      'must match the service account name if specified',
    );
  if ((metadata.namespace ?? namespace) !== namespace)
    return invalidValue(
      'metadata.namespace',
      metadata.namespace ?? '',
      'must match the service account namespace if specified',
    );
  return undefined;
}

function problemOf(seconds: number): FieldError | undefined {
  const field = 'spec.expirationSeconds';
  if (seconds < shortest)
    return invalidValue(field, seconds, 'may not specify a duration less than 10 minutes');
  return seconds > longest
    ? invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')
    : undefined;
}

function boundTo(
  state: ApiserverState,
  namespace: string,
  account: string,
  { apiVersion = '', kind: what = '', name = '', uid = '' }: Reference,
): Bound | Status {
  const find = (resource: 'pods' | 'secrets' | 'nodes', key: string): Bearer | Status => {
    const found = viewIn(state, resource).objects.get(key);
    if (found === undefined) return notFound(resource, name);
    if (uid === '' || found.metadata.uid === uid) return found.metadata;
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    return { ...conflict(what, name, why), details: { name, kind: what } };
  };
  switch (apiVersion === 'v1' ? what : '') {
    case 'Pod': {
      const pod = find('pods', keyFor(namespace, name));
      return 'code' in pod
        ? pod
        : boundToPod(state, viewIn(state, 'pods').objects.get(keyFor(namespace, name)) as Pod, account);
    }
    case 'Secret': {
      const secret = find('secrets', keyFor(namespace, name));
      return 'code' in secret ? secret : { secret };
    }
    case 'Node': {
      const node = find('nodes', name);
      return 'code' in node ? node : { node };
    }
    default:
      return badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${what}`);
  }
}

/** The Pod's node is named too, with its uid where it is there. */
function boundToPod(state: ApiserverState, { metadata, spec }: Pod, account: string): Bound | Status {
  if ((spec.serviceAccountName ?? '') !== account)
    return badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  const { nodeName = '' } = spec;
  if (nodeName === '') return { pod: metadata };
  const node = viewIn(state, 'nodes').objects.get(nodeName)?.metadata ?? { name: nodeName, uid: '' };
  return { pod: metadata, node };
}
