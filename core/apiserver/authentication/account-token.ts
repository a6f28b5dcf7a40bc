/**
 * Whether a token of a service account is believed: it was signed here, is for this API, has not ended, and what it stands on
 * is there. (kubernetes v1.34.1 pkg/serviceaccount/jwt.go, legacy.go, claims.go)
 */
import { accountTokenOf, type AccountToken, type Bearer } from '../../api/token/account-claims.ts';
import { verified } from '../../api/token/jwt.ts';
import { keyFor, type ApiObject } from '../../api/object.ts';
import type { Secret } from '../../api/generated/types.ts';
import type { View } from '../../api/view.ts';
import type { Seed } from '../../random/draw.ts';
import { minute, parseTimeText, type VirtualTime } from '../../time/time.ts';
import { serviceAccountUser, type UserInfo } from './identities.ts';

/** What a token is checked against. */
export interface AccountViews {
  readonly serviceAccounts: View;
  readonly pods: View;
  readonly secrets: View;
  readonly nodes: View;
}

/** Whose a token is, and which of the APIs that are asked about it is for. */
export interface TokenUser {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

/** The account's user; undefined where none of the APIs believes the token. */
export function userOfToken(
  seed: Seed,
  text: string,
  apis: readonly string[],
  views: AccountViews,
  now: VirtualTime,
): TokenUser | undefined {
  const claims = verified(seed, text);
  if (claims === undefined) return undefined;
  const token = accountTokenOf(claims);
  const { namespace, account, keptIn } = token;
  const audiences = token.audiences.filter((each) => apis.includes(each));
  const isBacked = keptIn === undefined ? isBoundTo(token, views, now) : isKept(text, token, keptIn, views);
  return isBacked && audiences.length > 0
    ? { user: serviceAccountUser(namespace, account.name, account.uid), audiences }
    : undefined;
}

/** A token without an end is good as long as its Secret has it. */
function isKept(
  text: string,
  { namespace, account }: AccountToken,
  name: string,
  views: AccountViews,
): boolean {
  const secret = views.secrets.objects.get(keyFor(namespace, name)) as Secret | undefined;
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return false;
  if (secret.data?.['token'] !== btoa(text)) return false;
  const found = views.serviceAccounts.objects.get(keyFor(namespace, account.name));
  return found?.metadata.uid === account.uid && found.metadata.deletionTimestamp === undefined;
}

/** What is being deleted backs a token for so long yet. (jwt.DefaultLeeway) */
const leeway = 1 * minute;

function isBoundTo(token: AccountToken, views: AccountViews, now: VirtualTime): boolean {
  const { namespace, account, notBefore, expires, bound } = token;
  if (now < notBefore || now > expires) return false;
  const isThere = (view: View, key: string, { uid }: Bearer): boolean =>
    isLeft(view.objects.get(key), uid, now - leeway);
  if (!isThere(views.serviceAccounts, keyFor(namespace, account.name), account)) return false;
  const { secret, pod, node } = bound;
  if (secret !== undefined && !isThere(views.secrets, keyFor(namespace, secret.name), secret)) return false;
  if (pod !== undefined) return isThere(views.pods, keyFor(namespace, pod.name), pod);
  return node === undefined || isThere(views.nodes, node.name, node);
}

function isLeft(object: ApiObject | undefined, uid: string, since: VirtualTime): boolean {
  if (object?.metadata.uid !== uid) return false;
  const { deletionTimestamp } = object.metadata;
  return deletionTimestamp === undefined || (parseTimeText(deletionTimestamp) ?? 0) >= since;
}
