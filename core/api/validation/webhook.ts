/** Webhook configurations. (kubernetes v1.34.1 pkg/apis/admissionregistration/validation/validation.go) */
import { compilePolicy } from '../compiled-policy.ts';
import { duplicate, invalidValue, required } from '../field-error.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ServiceReference,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '../generated/types.ts';
import { dns1035LabelErrors } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { checkConditions, checkRule } from './admission-rule.ts';
import { checkForm, checkLabelSelector, checkOneOf, subdomain, type Errors } from './fields.ts';

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

export const checkWebhooks = (errors: Errors, configuration: Configuration): void => {
  checkAll(errors, configuration, undefined);
};

/** What was there and had been allowed when it came stays allowed. */
export const checkWebhooksUpdate = (errors: Errors, next: Configuration, before: Configuration): void => {
  checkAll(errors, next, before);
};

const reviewVersions = ['v1', 'v1beta1'];
const withoutEffects = ['None', 'NoneOnDryRun'];
const allEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];

/** A hook of either sort: only one that changes objects may be asked again. */
type Webhook = MutatingWebhook;

const hooksOf = (configuration: Configuration | undefined): readonly Webhook[] =>
  configuration?.webhooks ?? [];

function checkAll(errors: Errors, next: Configuration, before: Configuration | undefined): void {
  const [hooks, old] = [hooksOf(next), hooksOf(before)];
  const names = new Set<string>();
  const effects = old.every(({ sideEffects }) => withoutEffects.includes(sideEffects))
    ? withoutEffects
    : allEffects;
  const mustKnow = old.every(({ admissionReviewVersions: versions }) => versions.some(isKnown));
  const mustDiffer = new Set(old.map(({ name }) => name)).size === old.length;
  const sameConditions =
    before !== undefined &&
    same(
      hooks.map((hook) => hook.matchConditions),
      old.map((hook) => hook.matchConditions),
    );
  hooks.forEach((hook, i) => {
    const at = `webhooks[${i}]`;
    checkHook(errors, at, hook, effects);
    if (!sameConditions && hook.matchConditions !== undefined)
      checkConditions(
        errors,
        `${at}.matchConditions`,
        compilePolicy({ spec: { matchConditions: hook.matchConditions } }),
      );
    checkReviewVersions(errors, `${at}.admissionReviewVersions`, hook.admissionReviewVersions, mustKnow);
    if (mustDiffer && hook.name !== '' && names.has(hook.name))
      errors.push(duplicate(`${at}.name`, hook.name));
    names.add(hook.name);
  });
}

const isKnown = (version: string): boolean => reviewVersions.includes(version);

function checkHook(errors: Errors, field: string, hook: Webhook, effects: readonly string[]): void {
  checkQualified(errors, `${field}.name`, hook.name);
  (hook.rules ?? []).forEach((rule, i) => {
    checkRule(errors, `${field}.rules[${i}]`, rule);
  });
  const oneOf = (part: 'failurePolicy' | 'matchPolicy' | 'reinvocationPolicy', allowed: string[]): void => {
    const value = hook[part];
    if (value !== undefined) checkOneOf(errors, `${field}.${part}`, value, allowed);
  };
  oneOf('failurePolicy', ['Fail', 'Ignore']);
  oneOf('matchPolicy', ['Equivalent', 'Exact']);
  if ((hook.sideEffects as string | undefined) === undefined)
    errors.push(required(`${field}.sideEffects`, `must specify one of ${effects.join(', ')}`));
  else checkOneOf(errors, `${field}.sideEffects`, hook.sideEffects, effects);
  const seconds = hook.timeoutSeconds;
  if (seconds !== undefined && (seconds < 1 || seconds > 30))
    errors.push(
      invalidValue(`${field}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'),
    );
  checkLabelSelector(errors, `${field}.namespaceSelector`, hook.namespaceSelector);
  checkLabelSelector(errors, `${field}.objectSelector`, hook.objectSelector);
  oneOf('reinvocationPolicy', ['IfNeeded', 'Never']);
  checkClient(errors, `${field}.clientConfig`, hook.clientConfig);
}

/** `name.example.com`: at least three parts. */
function checkQualified(errors: Errors, field: string, name: string): void {
  if (name === '') {
    errors.push(required(field));
    return;
  }
  const wrong = subdomain(name);
  if (wrong.length > 0) errors.push(invalidValue(field, name, wrong.join(',')));
  else if (name.split('.').length < 3)
    errors.push(
      invalidValue(field, name, 'should be a domain with at least three segments separated by dots'),
    );
}

function checkReviewVersions(
  errors: Errors,
  field: string,
  versions: readonly string[],
  mustKnow: boolean,
): void {
  if (versions.length === 0) errors.push(required(field, `must specify one of ${reviewVersions.join(', ')}`));
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i)
      errors.push(invalidValue(`${field}[${i}]`, version, 'duplicate version'));
    else checkForm(errors, `${field}[${i}]`, version, dns1035LabelErrors);
  });
  if (versions.length > 0 && mustKnow && !versions.some(isKnown))
    errors.push(invalidValue(field, versions, `must include at least one of ${reviewVersions.join(', ')}`));
}

function checkClient(errors: Errors, field: string, { url, service }: WebhookClientConfig): void {
  if ((url === undefined) === (service === undefined))
    errors.push(required(field, 'exactly one of url or service is required'));
  else if (url !== undefined) checkUrl(errors, `${field}.url`, url);
  else if (service !== undefined) checkService(errors, `${field}.service`, service);
}

const form = 'desired format: https://host[/path]';
const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^/?#@]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;

/** (k8s.io/apiserver/pkg/util/webhook/validation.go) */
function checkUrl(errors: Errors, field: string, url: string): void {
  const wrong = (value: string, detail: string): void => {
    errors.push(invalidValue(field, value, detail));
  };
  const found = parts.exec(url);
  const [, scheme = '', user, host = '', , query, fragment] = found ?? [];
  if (scheme !== 'https') wrong(scheme, `'https' is the only allowed URL scheme; ${form}`);
  if (host === '') wrong(host, `host must be specified; ${form}`);
  if (user !== undefined) wrong(user, 'user information is not permitted in the URL');
  if (fragment !== undefined && fragment !== '') wrong(fragment, 'fragments are not permitted in the URL');
  if (query !== undefined && query !== '') wrong(query, 'query parameters are not permitted in the URL');
}

/** (k8s.io/apiserver/pkg/util/webhook/validation.go) */
function checkService(errors: Errors, field: string, service: ServiceReference): void {
  if (service.name === '') errors.push(required(`${field}.name`, 'service name is required'));
  if (service.namespace === '') errors.push(required(`${field}.namespace`, 'service namespace is required'));
  if (service.port !== undefined && (service.port < 1 || service.port > 65_535))
    errors.push(
      invalidValue(
        `${field}.port`,
        service.port,
        'port is not valid: must be between 1 and 65535, inclusive',
      ),
    );
  if (service.path === undefined) return;
  checkServicePath(errors, `${field}.path`, service.path);
}

function checkServicePath(errors: Errors, field: string, path: string): void {
  const wrong = (detail: string): void => {
    errors.push(invalidValue(field, path, detail));
  };
  if (path === '/' || path === '') return;
  if (path === '//') {
    wrong('segment[0] may not be empty');
    return;
  }
  if (!path.startsWith('/')) wrong("must start with a '/'");
  const rest = path.slice(1);
  const steps = (rest.endsWith('/') ? rest.slice(0, -1) : rest).split('/');
  for (const [i, step] of steps.entries()) {
    if (step === '') wrong(`segment[${i}] may not be empty`);
    else for (const message of subdomain(step)) wrong(`segment[${i}]: ${message}`);
  }
}
