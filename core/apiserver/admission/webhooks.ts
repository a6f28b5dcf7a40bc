/**
 * Webhooks: a request that a configuration concerns waits for their answers, or for their end. What stands behind a webhook
 * is not simulated: a scenario says how long it takes and what it answers, and where it says nothing the webhook's Service
 * decides, whose Pods may not be there. Mutating ones are called one after the other, validating ones at once; all of them
 * before the request is looked at any further, on the object as it was sent. (kubernetes v1.34.1
 * apiserver/pkg/admission/plugin/webhook: mutating/dispatcher.go, validating/dispatcher.go, errors/statuserror.go)
 */
import type {
  Endpoints,
  MutatingWebhook,
  Namespace,
  Service,
  ValidatingWebhook,
  WebhookClientConfig,
} from '../../api/generated/types.ts';
import { keyFor, type ApiObject } from '../../api/object.ts';
import type { Status } from '../../api/request.ts';
import { internalError } from '../../api/status.ts';
import { objectsIn } from '../../api/view.ts';
import { second, type Duration } from '../../time/time.ts';
import { versionAsked } from '../custom/versions.ts';
import { cacheAt, viewIn, type ApiserverState, type RequestEvent } from '../state.ts';
import { isDryRun } from '../verbs/write-options.ts';
import { matchesResources } from './policy-match.ts';
import type { PolicyRequest } from './policy-request.ts';
import { isExemptFromAdmission, meetsConditions } from './validating-admission-policy.ts';

/** What a scenario says of a webhook. */
export interface SimulatedWebhook {
  readonly latency: Duration;
  /** `fails`: it answers with an error of its own. `times out`: it never answers. */
  readonly outcome: 'admits' | 'denies' | 'fails' | 'times out';
}

/** How long the webhooks keep a request, and why it goes no further, if it does not. */
export interface WebhookVerdict {
  readonly after: Duration;
  readonly status: Status | undefined;
}

type Webhook = ValidatingWebhook | MutatingWebhook;

/** What the webhooks make of a request; undefined: none is concerned. */
export function callWebhooks(
  state: ApiserverState,
  event: RequestEvent,
  place: number,
): WebhookVerdict | undefined {
  const mutating = viewIn(state, 'mutatingwebhookconfigurations');
  const validating = viewIn(state, 'validatingwebhookconfigurations');
  if (mutating.objects.size === 0 && validating.objects.size === 0) return undefined;
  const request = requestOf(state, event, place);
  if (request === undefined || isExemptFromAdmission(request)) return undefined;
  let after = 0;
  const inTurn = concerned(webhooksIn(objectsIn(mutating)), request);
  for (const webhook of inTurn) {
    const called = call(state, webhook);
    after += called.after;
    if (called.status !== undefined) return { after, status: called.status };
  }
  const atOnce = concerned(webhooksIn(objectsIn(validating)), request).map((each) => call(state, each));
  if (inTurn.length + atOnce.length === 0) return undefined;
  return {
    after: after + Math.max(0, ...atOnce.map((called) => called.after)),
    status: atOnce.find(({ status }) => status !== undefined)?.status,
  };
}

const webhooksIn = (configurations: Iterable<ApiObject>): readonly Webhook[] =>
  [...configurations].flatMap(
    (configuration) => (configuration as { readonly webhooks?: readonly Webhook[] }).webhooks ?? [],
  );

/** The request as rules see it; undefined for one that changes nothing, and for a collection. */
function requestOf(
  state: ApiserverState,
  { request, user }: RequestEvent,
  place: number,
): PolicyRequest | undefined {
  if (request.verb === 'get' || request.verb === 'list' || request.verb === 'deletecollection')
    return undefined;
  const { info, view } = cacheAt(state, place);
  const given = request.verb === 'create' || request.verb === 'update' ? request.object : undefined;
  const namespace = info.namespaced ? (request.namespace ?? given?.metadata.namespace ?? 'default') : '';
  const name = request.name ?? given?.metadata.name ?? '';
  const old =
    request.verb === 'create'
      ? undefined
      : view.objects.get(keyFor(namespace === '' ? undefined : namespace, name));
  return {
    operation: request.verb === 'create' ? 'CREATE' : request.verb === 'delete' ? 'DELETE' : 'UPDATE',
    info,
    version: versionAsked(request) ?? info.version,
    subresource: request.verb === 'delete' ? '' : (request.subresource ?? ''),
    namespace,
    name,
    // What a patch comes to is not known yet: its labels are mostly what they were.
    object: (given as ApiObject | undefined) ?? (request.verb === 'patch' ? old : undefined),
    oldObject: old,
    namespaceObject:
      namespace === ''
        ? undefined
        : (viewIn(state, 'namespaces').objects.get(namespace) as Namespace | undefined),
    user,
    dryRun: isDryRun(request),
  };
}

const concerned = (webhooks: readonly Webhook[], request: PolicyRequest): readonly Webhook[] =>
  webhooks.filter((webhook) => concerns(webhook, request));

function concerns(webhook: Webhook, request: PolicyRequest): boolean {
  const { rules = [], namespaceSelector, objectSelector, matchPolicy } = webhook;
  if (rules.length === 0) return false;
  const resources = { resourceRules: rules, namespaceSelector, objectSelector, matchPolicy };
  if (matchesResources(resources, request) !== true) return false;
  const met = meetsConditions(webhook, request);
  return typeof met === 'boolean' ? met : webhook.failurePolicy !== 'Ignore';
}

/** (admissionregistration/v1/defaults.go) */
const defaultTimeoutSeconds = 10;

function call(state: ApiserverState, webhook: Webhook): WebhookVerdict {
  const { name, clientConfig, failurePolicy } = webhook;
  const timeout = (webhook.timeoutSeconds ?? defaultTimeoutSeconds) * second;
  const known = state.config.webhooks[name];
  const unreachable = known === undefined ? unreachableBecause(state, clientConfig) : undefined;
  const failed = (after: Duration, why: string): WebhookVerdict => ({
    after,
    status: failurePolicy === 'Ignore' ? undefined : failure(webhook, why),
  });
  if (unreachable !== undefined) return failed(0, unreachable);
  const { latency, outcome } = known ?? { latency: 0, outcome: 'fails' };
  if (outcome === 'times out' || latency >= timeout) return failed(timeout, 'context deadline exceeded');
  switch (outcome) {
    case 'admits':
      return { after: latency, status: undefined };
    case 'denies':
      return { after: latency, status: denial(name) };
    case 'fails':
      return failed(latency, 'EOF');
  }
}

/** Why nobody answers at the address of a webhook of which the scenario says nothing. */
function unreachableBecause(state: ApiserverState, { service, url }: WebhookClientConfig): string {
  if (service === undefined) return `dial tcp: lookup ${hostOf(url ?? '')}: no such host`;
  const key = keyFor(service.namespace, service.name);
  const found = viewIn(state, 'services').objects.get(key) as Service | undefined;
  if (found === undefined) return `service ${JSON.stringify(service.name)} not found`;
  const endpoints = viewIn(state, 'endpoints').objects.get(key) as Endpoints | undefined;
  const address = `${found.spec.clusterIP ?? ''}:${service.port ?? 443}`;
  const isThere = (endpoints?.subsets ?? []).some(({ addresses = [] }) => addresses.length > 0);
  return isThere ? 'EOF' : `dial tcp ${address}: connect: connection refused`;
}

const hostOf = (url: string): string => url.replace(/^[a-z]+:\/\//, '').replace(/[:/].*$/, '');

function failure({ name, clientConfig, timeoutSeconds }: Webhook, why: string): Status {
  const { service, url } = clientConfig;
  const address =
    service === undefined
      ? (url ?? '')
      : `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}${service.path ?? '/'}`;
  const to = `${address}?timeout=${timeoutSeconds ?? defaultTimeoutSeconds}s`;
  return internalError(
    `failed calling webhook ${JSON.stringify(name)}: failed to call webhook: Post ${JSON.stringify(to)}: ${why}`,
  );
}

/** What a webhook gives as its reason is not simulated. */
const denial = (name: string): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `admission webhook ${JSON.stringify(name)} denied the request without explanation`,
  reason: 'Forbidden',
  code: 403,
});
