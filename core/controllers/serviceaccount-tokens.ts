/**
 * Fills the Secrets that are to keep a token of a ServiceAccount, and deletes them when the account they name is gone. It
 * makes no Secret by itself; what an account says of one that is gone is taken out of it.
 * (kubernetes v1.34.1 pkg/controller/serviceaccount/tokens_controller.go)
 */
import { keyFor } from '../api/object.ts';
import type { Secret, ServiceAccount } from '../api/generated/types.ts';
import type { DeleteRequest } from '../api/request.ts';
import { legacyClaims } from '../api/token/account-claims.ts';
import { signed } from '../api/token/jwt.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { draw, type Seed } from '../random/draw.ts';
import { millisecond, type Duration } from '../time/time.ts';
import {
  done,
  failed,
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Reply,
  type Sync,
} from './controller.ts';
import { get, update } from './requests.ts';
import { rootCertificate } from './root-ca.ts';

const nameKey = 'kubernetes.io/service-account.name';
const uidKey = 'kubernetes.io/service-account.uid';
const tokenType = 'kubernetes.io/service-account-token';

/** It asks with the manager's own certificate, for it makes what others ask with. */
export const tokensAgent = 'tokens-controller';

export const tokensController: Controller<undefined> = {
  name: 'serviceaccount-token-controller',
  userAgent: tokensAgent,
  component: 'serviceaccount-token-controller',
  // Five for accounts and five for Secrets. (--concurrent-serviceaccount-token-syncs)
  workers: 10,
  follows: ['serviceaccounts', 'secrets'],
  initial: undefined,
  maxRetries: 10,
  handle,
  sync,
};

/** An account that is gone, or a Secret and the account it names. A uid that is not known is empty. */
type Item =
  | { readonly of: 'account'; readonly namespace: string; readonly name: string; readonly uid: string }
  | {
      readonly of: 'secret';
      readonly namespace: string;
      readonly name: string;
      readonly uid: string;
      readonly accountName: string;
      readonly accountUid: string;
    };

type SecretItem = Extract<Item, { readonly of: 'secret' }>;

function handle(_: Context<undefined>, { stream, type, object }: Delta): Effects<undefined> | undefined {
  const { namespace = '', name, uid, annotations } = object.metadata;
  if (stream === 'serviceaccounts')
    return type === 'deleted' ? { mark: [keyOfItem({ of: 'account', namespace, name, uid })] } : undefined;
  if ((object as Secret).type !== tokenType) return undefined;
  const accountName = annotations?.[nameKey] ?? '';
  const accountUid = annotations?.[uidKey] ?? '';
  return { mark: [keyOfItem({ of: 'secret', namespace, name, uid, accountName, accountUid })] };
}

const keyOfItem = (item: Item): string => JSON.stringify(item);

function* sync(context: Context<undefined>, key: string): Sync<undefined> {
  const item = JSON.parse(key) as Item;
  return yield* item.of === 'account' ? syncAccount(context, item) : syncSecret(context, item);
}

/** The tokens of an account that is gone go too. */
function* syncAccount(
  { caches }: Context<undefined>,
  { namespace, name, uid }: Extract<Item, { readonly of: 'account' }>,
): Sync<undefined> {
  if (viewOf(caches, 'serviceaccounts').objects.get(keyFor(namespace, name))?.metadata.uid === uid)
    return done;
  const secrets = viewOf(caches, 'secrets').objects.objects.values(`${namespace}/`, `${namespace}0`); // "0" follows "/"
  let outcome: Outcome<undefined> = done;
  for (const { metadata, type } of secrets) {
    if (type !== tokenType || metadata.annotations?.[nameKey] !== name) continue;
    if (metadata.annotations[uidKey] !== uid) continue;
    if (!(yield* deleted(namespace, metadata.name, metadata.uid))) outcome = failed;
  }
  return outcome;
}

function* syncSecret(context: Context<undefined>, item: SecretItem): Sync<undefined> {
  const { namespace, name, uid, accountName, accountUid } = item;
  const secret = viewOf(context.caches, 'secrets').objects.get(keyFor(namespace, name));
  const cached = cachedAccount(context, item);
  if (secret === undefined || (uid !== '' && secret.metadata.uid !== uid))
    return cached === undefined ? done : yield* withoutReference(context, item);
  let account = cached;
  if (account === undefined) {
    const [found] = (yield { requests: [get('serviceaccounts', namespace, accountName)] }).answers;
    if (found?.ok !== true && !refused(found, 'NotFound')) return failed;
    if (found?.ok === true) account = found.object as ServiceAccount;
    if (account === undefined || (accountUid !== '' && account.metadata.uid !== accountUid))
      return (yield* deleted(namespace, name, uid)) ? done : failed;
  }
  return yield* filled(context.seed, secret, account);
}

/** The account that a Secret names, as the cache has it. */
function cachedAccount(
  { caches }: Context<undefined>,
  { namespace, accountName, accountUid }: SecretItem,
): ServiceAccount | undefined {
  const account = viewOf(caches, 'serviceaccounts').objects.get(keyFor(namespace, accountName));
  return accountUid === '' || account?.metadata.uid === accountUid ? account : undefined;
}

/** Whether nothing is left to be tried: what is gone already, or was made anew, is as good as deleted. */
function* deleted(namespace: string, name: string, uid: string): Generator<Ask<undefined>, boolean, Reply> {
  const request: DeleteRequest = {
    verb: 'delete',
    resource: 'secrets',
    namespace,
    name,
    preconditions: { uid },
  };
  const [answer] = (yield { requests: [request] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') || refused(answer, 'Conflict');
}

/** What the Secret lacks; undefined: nothing. */
function missing({ data = {}, metadata }: Secret, seed: Seed, account: ServiceAccount): Secret['data'] {
  const { namespace = '', name } = metadata;
  const lacks: Record<string, string> = {};
  if (data['ca.crt'] !== encodedCertificate) lacks['ca.crt'] = encodedCertificate;
  if ((data['namespace'] ?? '') === '') lacks['namespace'] = btoa(namespace);
  if ((data['token'] ?? '') === '')
    lacks['token'] = btoa(signed(seed, legacyClaims(namespace, account.metadata, name)));
  return Object.keys(lacks).length === 0 ? undefined : lacks;
}

const encodedCertificate = btoa(rootCertificate);

/** What is filled in is filled into the Secret as it is now; if the cache has another one, news of it is under way. */
function* filled(seed: Seed, cached: Secret, account: ServiceAccount): Sync<undefined> {
  if (missing(cached, seed, account) === undefined) return done;
  const { namespace, name, resourceVersion } = cached.metadata;
  const [found] = (yield { requests: [get('secrets', namespace, name)] }).answers;
  if (found?.ok !== true) return refused(found, 'NotFound') ? done : failed;
  const live = found.object as Secret;
  const lacks = missing(live, seed, account);
  if (live.metadata.resourceVersion !== resourceVersion || lacks === undefined) return done;
  const named = { [nameKey]: account.metadata.name, [uidKey]: account.metadata.uid };
  const next: Secret = {
    ...live,
    metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...named } },
    data: { ...live.data, ...lacks },
  };
  const [answer] = (yield { requests: [update('secrets', next)] }).answers;
  return answer?.ok === true || refused(answer, 'Conflict') || refused(answer, 'NotFound') ? done : failed;
}

/** The account no longer names a Secret that is gone. */
function* withoutReference({ seed, now }: Context<undefined>, item: SecretItem): Sync<undefined> {
  const { namespace, name, accountName, accountUid } = item;
  const [found] = (yield { requests: [get('serviceaccounts', namespace, accountName)] }).answers;
  if (found?.ok !== true) return done;
  const account = found.object as ServiceAccount;
  if (accountUid !== '' && account.metadata.uid !== accountUid) return done;
  const secrets = (account.secrets ?? []).filter((secret) => secret.name !== name);
  if (secrets.length === (account.secrets ?? []).length) return done;
  const [answer] = (yield { requests: [update('serviceaccounts', { ...account, secrets })] }).answers;
  if (!refused(answer, 'Conflict')) return done;
  const luck = draw(seed, 'RemoveTokenBackoff', namespace, name, now);
  return { again: Math.round(removalWait * (1 + luck)) };
}

/** RemoveTokenBackoff, whose every wait is drawn up to twice as long. A real one tries ten times. */
const removalWait: Duration = 100 * millisecond;
