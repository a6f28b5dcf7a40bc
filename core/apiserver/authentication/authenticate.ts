/**
 * Who asks. A client shows a credential: a certificate or a token, simulated as the user it stands for and the time it
 * ends. What cannot be believed is answered 401; a request without any is anonymous's, and what that one may is RBAC's to
 * say. (kubernetes v1.34.1 pkg/kubeapiserver/authenticator/config.go)
 */
import type { Status } from '../../api/request.ts';
import { issuer } from '../../api/token/account-claims.ts';
import type { Seed } from '../../random/draw.ts';
import type { VirtualTime } from '../../time/time.ts';
import { userOfToken, type AccountViews } from './account-token.ts';
import { anonymous, type UserInfo } from './identities.ts';

/** A client certificate, or any token that is believed for itself. */
export interface Certificate {
  readonly type: 'certificate';
  /** One object for each identity: decisions are remembered by it. */
  readonly user: UserInfo;
  /** The first moment at which it is no longer believed; undefined: never. */
  readonly notAfter: VirtualTime | undefined;
}

/** The text of a service account's token. (Authorization: Bearer) */
export interface BearerToken {
  readonly type: 'token';
  readonly token: string;
}

/** Something nobody has signed. */
export interface UnknownCredential {
  readonly type: 'unknown';
}

export type Credential = Certificate | BearerToken | UnknownCredential;

/** The user a request comes from, or 401. `seed`: the cluster's, by which its tokens are known. */
export function authenticate(
  credential: Credential | undefined,
  seed: Seed,
  views: AccountViews,
  now: VirtualTime,
): UserInfo | Status {
  if (credential === undefined) return anonymous;
  switch (credential.type) {
    case 'unknown':
      return unauthorized;
    case 'token':
      return userOfToken(seed, credential.token, [issuer], views, now)?.user ?? unauthorized;
    case 'certificate':
      return credential.notAfter !== undefined && now >= credential.notAfter ? unauthorized : credential.user;
  }
}

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
