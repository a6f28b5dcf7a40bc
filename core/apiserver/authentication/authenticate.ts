/**
 * Who asks. A client shows a credential: a certificate or a token, simulated as the user it stands for and the time it
 * ends. What cannot be believed is answered 401; a request without any is anonymous's, and what that one may is RBAC's to
 * say. (kubernetes v1.34.1 pkg/kubeapiserver/authenticator/config.go)
 */
import type { Status } from '../../api/request.ts';
import { keyFor, type ApiObject } from '../../api/object.ts';
import type { View } from '../../api/view.ts';
import type { VirtualTime } from '../../time/time.ts';
import { anonymous, type UserInfo } from './identities.ts';

interface Shown {
  /** One object for each identity: decisions are remembered by it. */
  readonly user: UserInfo;
  /** The first moment at which it is no longer believed; undefined: never. */
  readonly notAfter: VirtualTime | undefined;
}

/** A client certificate, or any token that is believed for itself. */
export interface Certificate extends Shown {
  readonly type: 'certificate';
}

/** A token of a service account: good as long as the account, and the Pod it was made for, are there. */
export interface ServiceAccountToken extends Shown {
  readonly type: 'token';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly pod: { readonly name: string; readonly uid: string } | undefined;
}

/** Something nobody has signed. */
export interface UnknownCredential {
  readonly type: 'unknown';
}

export type Credential = Certificate | ServiceAccountToken | UnknownCredential;

/** What a token is checked against. */
export interface AccountViews {
  readonly serviceAccounts: View;
  readonly pods: View;
}

/** The user a request comes from, or 401. */
export function authenticate(
  credential: Credential | undefined,
  views: AccountViews,
  now: VirtualTime,
): UserInfo | Status {
  if (credential === undefined) return anonymous;
  if (credential.type === 'unknown') return unauthorized;
  if (credential.notAfter !== undefined && now >= credential.notAfter) return unauthorized;
  if (credential.type === 'token' && !isBacked(credential, views)) return unauthorized;
  return credential.user;
}

/** (pkg/serviceaccount/claims.go Validate) */
function isBacked({ namespace, name, uid, pod }: ServiceAccountToken, views: AccountViews): boolean {
  const account = views.serviceAccounts.objects.get(keyFor(namespace, name));
  if (!isThere(account, uid)) return false;
  return pod === undefined || isThere(views.pods.objects.get(keyFor(namespace, pod.name)), pod.uid);
}

const isThere = (object: ApiObject | undefined, uid: string): boolean =>
  object !== undefined && object.metadata.uid === uid;

/** (apiserver/pkg/endpoints/filters/authentication.go Unauthorized) */
export const unauthorized: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Unauthorized',
  reason: 'Unauthorized',
  code: 401,
};
