/** Defaults of admission policies and webhooks. (kubernetes v1.34.1 pkg/apis/admissionregistration/v1/defaults.go) */
import type {
  MatchResources,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../generated/types.ts';
import { fill, fillZero, mapField, mapList } from './fill.ts';

const everything = {};

const withRules = <Rule extends { readonly scope?: string | undefined }>(
  rules: readonly Rule[],
): readonly Rule[] => mapList(rules, (rule) => (rule.scope === undefined ? { ...rule, scope: '*' } : rule));

function withMatchDefaults(given: MatchResources): MatchResources {
  const match = fill(given, {
    matchPolicy: 'Equivalent',
    namespaceSelector: everything,
    objectSelector: everything,
  });
  return mapField(mapField(match, 'resourceRules', withRules), 'excludeResourceRules', withRules);
}

export function withPolicyDefaults(policy: ValidatingAdmissionPolicy): ValidatingAdmissionPolicy {
  return mapField(fill(policy, { spec: {}, status: {} }), 'spec', (given) => {
    const spec = fill(given, { failurePolicy: 'Fail' });
    return mapField(spec, 'matchConstraints', withMatchDefaults);
  });
}

export const withPolicyBindingDefaults = (
  binding: ValidatingAdmissionPolicyBinding,
): ValidatingAdmissionPolicyBinding =>
  mapField(fill(binding, { spec: {} }), 'spec', (spec) => {
    return mapField(spec, 'matchResources', withMatchDefaults);
  });

const webhookDefaults = {
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: everything,
  objectSelector: everything,
  timeoutSeconds: 10,
};

function withWebhookDefaults<T extends ValidatingWebhook | MutatingWebhook>(webhook: T): T {
  const whole = fill(webhook as ValidatingWebhook, webhookDefaults);
  const ruled = mapField(whole, 'rules', withRules);
  return mapField(ruled, 'clientConfig', (config) =>
    mapField(config, 'service', (service) => fill(service, { port: 443 })),
  ) as T;
}

export const withValidatingDefaults = (
  configuration: ValidatingWebhookConfiguration,
): ValidatingWebhookConfiguration =>
  mapField(configuration, 'webhooks', (webhooks) => mapList(webhooks, withWebhookDefaults));

export const withMutatingDefaults = (
  configuration: MutatingWebhookConfiguration,
): MutatingWebhookConfiguration =>
  mapField(configuration, 'webhooks', (webhooks) =>
    mapList(webhooks, (webhook) => fillZero(withWebhookDefaults(webhook), { reinvocationPolicy: 'Never' })),
  );
