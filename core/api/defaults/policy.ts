/**
 * Defaults of what limits, allows and routes: LimitRanges, ResourceQuotas, PodDisruptionBudgets, RBAC, NetworkPolicies,
 * Ingresses, CSIDrivers. (kubernetes v1.34.1 pkg/apis, the defaults.go of each group)
 */
import type {
  CSIDriver,
  ClusterRoleBinding,
  Ingress,
  IngressClass,
  LimitRange,
  LimitRangeItem,
  NetworkPolicy,
  NetworkPolicyPort,
  PodDisruptionBudget,
  PodTemplate,
  ResourceQuota,
  RoleBinding,
  Subject,
} from '../generated/types.ts';
import { withQuantityDefaults } from './container.ts';
import { fill, fillZero, mapField, mapList, omit, setField } from './fill.ts';
import { withTemplateDefaults } from './pod.ts';

type Amounts = Readonly<Record<string, string>>;

export const withLimitRangeDefaults = (range: LimitRange): LimitRange =>
  mapField(fill(range, { spec: { limits: [] } }), 'spec', (spec) =>
    mapField(spec, 'limits', (limits) => mapList(limits, withLimitDefaults)),
  );

/** A container's default limit is the maximum, its default request the default limit, or else the minimum. */
function withLimitDefaults(given: LimitRangeItem): LimitRangeItem {
  let item = given;
  for (const part of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const)
    item = mapField(item, part, withQuantityDefaults);
  if (item.type !== 'Container') return item;
  item = withAmounts(item, 'default', item.max);
  item = withAmounts(item, 'defaultRequest', item.default);
  return withAmounts(item, 'defaultRequest', item.min);
}

/** The item with the amounts that its map lacks. */
function withAmounts(
  item: LimitRangeItem,
  part: 'default' | 'defaultRequest',
  more: Amounts | undefined,
): LimitRangeItem {
  const filled = fill<Amounts>(item[part] ?? none, more ?? none);
  return Object.keys(filled).length === 0 ? item : setField(item, part, filled);
}

const none: Amounts = {};

export function withQuotaDefaults(quota: ResourceQuota): ResourceQuota {
  const result = mapField(fill(quota, { spec: {}, status: {} }), 'spec', (spec) =>
    mapField(spec, 'hard', withQuantityDefaults),
  );
  return mapField(result, 'status', (status) => {
    const hard = mapField(status, 'hard', withQuantityDefaults);
    return mapField(hard, 'used', withQuantityDefaults);
  });
}

const noPods = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };

export const withBudgetDefaults = (budget: PodDisruptionBudget): PodDisruptionBudget =>
  mapField(fill(budget, { spec: {}, status: noPods }), 'status', (status) => fill(status, noPods));

/** Two kinds of one shape. */
type Binding = Omit<RoleBinding | ClusterRoleBinding, 'kind'>;

const rbacGroup = 'rbac.authorization.k8s.io';

export function withBindingDefaults(binding: Binding): Binding {
  const named = mapField(binding, 'roleRef', (roleRef) => fillZero(roleRef, { apiGroup: rbacGroup }));
  return mapField(named, 'subjects', (subjects) =>
    mapList(subjects, (subject: Subject) =>
      subject.kind === 'User' || subject.kind === 'Group'
        ? fillZero(subject, { apiGroup: rbacGroup })
        : subject,
    ),
  );
}

/** A policy that does not say is about what comes in; one with rules for what goes out about that too. */
export function withNetworkPolicyDefaults(policy: NetworkPolicy): NetworkPolicy {
  return mapField(fill(policy, { spec: {} }), 'spec', (given) => {
    const spec = fill(given, { podSelector: {} });
    const egress = spec.egress ?? [];
    const types = egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    const typed = (spec.policyTypes ?? []).length > 0 ? spec : { ...spec, policyTypes: types };
    const incoming = mapField(typed, 'ingress', (rules) =>
      mapList(rules, (rule) => mapField(rule, 'ports', withPorts)),
    );
    return mapField(incoming, 'egress', (rules) =>
      mapList(rules, (rule) => mapField(rule, 'ports', withPorts)),
    );
  });
}

const withPorts = (ports: readonly NetworkPolicyPort[]): readonly NetworkPolicyPort[] =>
  mapList(ports, (port) => fill(port, { protocol: 'TCP' }));

/** An empty list of rules is only told from none where there is nothing else: that is refused, and says so. */
export function withIngressDefaults(ingress: Ingress): Ingress {
  const result = fill(ingress, { spec: {}, status: { loadBalancer: {} } });
  const status = mapField(result, 'status', (given) => fill(given, { loadBalancer: {} }));
  return mapField(status, 'spec', (spec) =>
    spec.rules?.length === 0 && spec.defaultBackend !== undefined ? omit(spec, 'rules') : spec,
  );
}

export const withIngressClassDefaults = (ingressClass: IngressClass): IngressClass =>
  mapField(fill(ingressClass, { spec: {} }), 'spec', (spec) =>
    mapField(spec, 'parameters', (parameters) => fill(parameters, { scope: 'Cluster' })),
  );

export const withDriverDefaults = (driver: CSIDriver): CSIDriver =>
  mapField(fill(driver, { spec: {} }), 'spec', (spec) => {
    const some = (spec.volumeLifecycleModes ?? []).length === 0;
    const result = some ? { ...spec, volumeLifecycleModes: ['Persistent'] } : spec;
    return fill(result, {
      attachRequired: true,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      podInfoOnMount: false,
      requiresRepublish: false,
      seLinuxMount: false,
      storageCapacity: false,
    });
  });

export const withPodTemplateDefaults = (template: PodTemplate): PodTemplate =>
  mapField(fill(template, { template: {} }), 'template', withTemplateDefaults);
