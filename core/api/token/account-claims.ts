/**
 * What tokens of service accounts say: those that a Secret keeps, which never end, and those that were asked for, which do and
 * may be bound to an object. (kubernetes v1.34.1 pkg/serviceaccount/legacy.go, claims.go)
 */
import { unixSeconds, virtualTimeOf, type VirtualTime } from '../../time/time.ts';
import type { Json } from '../generated/types.ts';
import type { Claims } from './jwt.ts';

/** A name and the uid of whom it means. */
export interface Bearer {
  readonly name: string;
  readonly uid: string;
}

/** The objects without which a token is not believed. The node of a Pod is named and not looked for. */
export interface Bound {
  readonly pod?: Bearer | undefined;
  readonly secret?: Bearer | undefined;
  readonly node?: Bearer | undefined;
}

/** What a token says, read. */
export interface AccountToken {
  readonly namespace: string;
  readonly account: Bearer;
  /** Which APIs it is for. */
  readonly audiences: readonly string[];
  /** Of the token that a Secret keeps: the Secret's name. It has none of the following. */
  readonly keptIn: string | undefined;
  readonly notBefore: VirtualTime;
  /** The last moment at which it is believed. */
  readonly expires: VirtualTime;
  readonly bound: Bound;
}

const legacyIssuer = 'kubernetes/serviceaccount';
const prefix = 'kubernetes.io/serviceaccount/';
/** kubeadm's --service-account-issuer, and --api-audiences, which is the same where nothing else is said. */
export const issuer = 'https://kubernetes.default.svc.cluster.local';

const subjectOf = (namespace: string, { name }: Bearer): string =>
  `system:serviceaccount:${namespace}:${name}`;

/** The claims of a token that a Secret keeps. */
export const legacyClaims = (namespace: string, account: Bearer, secret: string): Claims => ({
  iss: legacyIssuer,
  [`${prefix}namespace`]: namespace,
  [`${prefix}secret.name`]: secret,
  [`${prefix}service-account.name`]: account.name,
  [`${prefix}service-account.uid`]: account.uid,
  sub: subjectOf(namespace, account),
});

export interface Wanted {
  readonly namespace: string;
  readonly account: Bearer;
  readonly audiences: readonly string[];
  readonly bound: Bound;
  readonly expirationSeconds: number;
  /** Who uses it longer is warned of in the audit log; undefined: nobody. */
  readonly warnAfterSeconds: number | undefined;
  /** Of this token alone. */
  readonly id: string;
}

/** The claims of a token that was asked for. */
export function boundClaims(wanted: Wanted, now: VirtualTime): Claims {
  const { namespace, account, audiences, bound, expirationSeconds, warnAfterSeconds, id } = wanted;
  const at = unixSeconds(now);
  const { node, pod, secret } = bound;
  return {
    aud: audiences,
    exp: at + expirationSeconds,
    iat: at,
    iss: issuer,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...(node === undefined ? {} : { node: written(node) }),
      ...(pod === undefined ? {} : { pod: written(pod) }),
      ...(secret === undefined ? {} : { secret: written(secret) }),
      serviceaccount: written(account),
      ...(warnAfterSeconds === undefined ? {} : { warnafter: at + warnAfterSeconds }),
    },
    nbf: at,
    sub: subjectOf(namespace, account),
  };
}

const written = ({ name, uid }: Bearer): Json => ({ name, uid });

/** What a token of this cluster says. Its claims were signed here, so they are whole. */
export function accountTokenOf(claims: Claims): AccountToken {
  const textOf = (name: string): string => claims[name] as string;
  if (claims['iss'] === legacyIssuer)
    return {
      namespace: textOf(`${prefix}namespace`),
      account: {
        name: textOf(`${prefix}service-account.name`),
        uid: textOf(`${prefix}service-account.uid`),
      },
      audiences: [issuer],
      keptIn: textOf(`${prefix}secret.name`),
      notBefore: 0,
      expires: Infinity,
      bound: {},
    };
  const said = claims['kubernetes.io'] as unknown as {
    readonly namespace: string;
    readonly serviceaccount: Bearer;
  } & Bound;
  return {
    namespace: said.namespace,
    account: said.serviceaccount,
    audiences: claims['aud'] as readonly string[],
    keptIn: undefined,
    notBefore: virtualTimeOf(claims['nbf'] as number),
    expires: virtualTimeOf(claims['exp'] as number),
    bound: said,
  };
}
