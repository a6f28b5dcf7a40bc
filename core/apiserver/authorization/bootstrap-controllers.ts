/** A role for each controller of the controller manager. (kubernetes v1.34.1 bootstrappolicy/controller_policy.go) */
import { eventsRule, read, rule, type RoleRow } from './policy-rule.ts';

const revisionRule = rule(`create delete patch update ${read}`, 'apps', 'controllerrevisions');
const podMakerRule = rule('create delete list patch watch', 'core', 'pods');
const endpointSlicesRule = rule(`create delete update ${read}`, 'discovery.k8s.io', 'endpointslices');

/** Status and finalizers of what a controller reconciles. */
const ownRules = (groups: string, resource: string): RoleRow['rules'] => [
  rule('update', groups, `${resource}/status`),
  rule('update', groups, `${resource}/finalizers`),
];

const rows: Readonly<Record<string, RoleRow['rules']>> = {
  'attachdetach-controller': [
    rule('list watch', 'core', 'persistentvolumeclaims persistentvolumes'),
    rule(read, 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    rule('list watch', 'core', 'pods'),
    eventsRule,
    rule(`create delete ${read}`, 'storage.k8s.io', 'volumeattachments'),
    rule(read, 'storage.k8s.io', 'csidrivers'),
    rule(read, 'storage.k8s.io', 'csinodes'),
  ],
  'certificate-controller': [
    rule(`delete ${read}`, 'certificates.k8s.io', 'certificatesigningrequests'),
    rule(
      'update',
      'certificates.k8s.io',
      'certificatesigningrequests/approval certificatesigningrequests/status',
    ),
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule(
      'sign',
      'certificates.k8s.io',
      'signers',
      'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown',
    ),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    eventsRule,
  ],
  'clusterrole-aggregation-controller': [
    rule(`escalate patch update ${read}`, 'rbac.authorization.k8s.io', 'clusterroles'),
  ],
  'cronjob-controller': [
    rule(`update ${read}`, 'batch', 'cronjobs'),
    rule(`create delete patch update ${read}`, 'batch', 'jobs'),
    ...ownRules('batch', 'cronjobs'),
    rule('delete list watch', 'core', 'pods'),
    eventsRule,
  ],
  'daemon-set-controller': [
    rule(read, 'apps extensions', 'daemonsets'),
    ...ownRules('apps extensions', 'daemonsets'),
    rule('list watch', 'core', 'nodes'),
    podMakerRule,
    rule('create', 'core', 'pods/binding'),
    revisionRule,
    eventsRule,
  ],
  'deployment-controller': [
    rule(`update ${read}`, 'apps extensions', 'deployments'),
    ...ownRules('apps extensions', 'deployments'),
    rule(`create delete patch update ${read}`, 'apps extensions', 'replicasets'),
    rule(`update ${read}`, 'core', 'pods'),
    eventsRule,
  ],
  'disruption-controller': [
    rule(read, 'apps extensions', 'deployments'),
    rule(read, 'apps extensions', 'replicasets'),
    rule(read, 'core', 'replicationcontrollers'),
    rule(read, 'policy', 'poddisruptionbudgets'),
    rule(read, 'apps', 'statefulsets'),
    rule('update', 'policy', 'poddisruptionbudgets/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('get', '*', '*/scale'),
    eventsRule,
  ],
  'endpoint-controller': [
    rule(read, 'core', 'pods services'),
    rule(`create delete update ${read}`, 'core', 'endpoints'),
    rule('create', 'core', 'endpoints/restricted'),
    eventsRule,
  ],
  'endpointslice-controller': [
    rule(read, 'core', 'nodes pods services'),
    rule('update', 'core', 'services/finalizers'),
    endpointSlicesRule,
    eventsRule,
  ],
  'endpointslicemirroring-controller': [
    rule(read, 'core', 'endpoints services'),
    rule('update', 'core', 'services/finalizers'),
    rule('update', 'core', 'endpoints/finalizers'),
    endpointSlicesRule,
    eventsRule,
  ],
  'ephemeral-volume-controller': [
    rule(read, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule(`create ${read}`, 'core', 'persistentvolumeclaims'),
    eventsRule,
  ],
  'expand-controller': [
    rule(`patch update ${read}`, 'core', 'persistentvolumes'),
    rule('patch update', 'core', 'persistentvolumeclaims/status'),
    rule(read, 'core', 'persistentvolumeclaims'),
    eventsRule,
    rule('get', 'core', 'services'),
  ],
  'generic-garbage-collector': [rule(`delete patch update ${read}`, '*', '*'), eventsRule],
  'horizontal-pod-autoscaler': [
    rule(read, 'autoscaling', 'horizontalpodautoscalers'),
    rule('update', 'autoscaling', 'horizontalpodautoscalers/status'),
    rule('get update', '*', '*/scale'),
    rule('list watch', 'core', 'pods'),
    rule('list watch', 'metrics.k8s.io', 'pods'),
    rule(read, 'custom.metrics.k8s.io', '*'),
    rule(read, 'external.metrics.k8s.io', '*'),
    eventsRule,
  ],
  'job-controller': [
    rule(`patch update ${read}`, 'batch', 'jobs'),
    ...ownRules('batch', 'jobs'),
    podMakerRule,
    eventsRule,
  ],
  'legacy-service-account-token-cleaner': [
    rule('get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'),
    rule('delete patch', 'core', 'secrets'),
  ],
  'namespace-controller': [
    rule(`delete ${read}`, 'core', 'namespaces'),
    rule('update', 'core', 'namespaces/finalize namespaces/status'),
    rule(`delete deletecollection ${read}`, '*', '*'),
  ],
  'node-controller': [
    rule(`delete patch update ${read}`, 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    rule('patch update', 'core', 'pods/status'),
    rule(`delete ${read}`, 'core', 'pods'),
    eventsRule,
  ],
  'persistent-volume-binder': [
    rule(`create delete update ${read}`, 'core', 'persistentvolumes'),
    rule('update', 'core', 'persistentvolumes/status'),
    rule(`update ${read}`, 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'persistentvolumeclaims/status'),
    rule(`create delete ${read}`, 'core', 'pods'),
    rule(read, 'storage.k8s.io', 'storageclasses'),
    rule('list watch', 'core', 'nodes'),
    eventsRule,
    rule('watch', 'core', 'events'),
    rule('get', 'core', 'services'),
  ],
  'pod-garbage-collector': [
    rule('delete list watch', 'core', 'pods'),
    rule(read, 'core', 'nodes'),
    rule('patch', 'core', 'pods/status'),
  ],
  'pv-protection-controller': [rule(`update ${read}`, 'core', 'persistentvolumes'), eventsRule],
  'pvc-protection-controller': [
    rule(`update ${read}`, 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'persistentvolumeclaims/status'),
    rule(read, 'core', 'pods'),
    eventsRule,
  ],
  'replicaset-controller': [
    rule(`update ${read}`, 'apps extensions', 'replicasets'),
    ...ownRules('apps extensions', 'replicasets'),
    podMakerRule,
    eventsRule,
  ],
  'replication-controller': [
    rule(`update ${read}`, 'core', 'replicationcontrollers'),
    ...ownRules('core', 'replicationcontrollers'),
    podMakerRule,
    eventsRule,
  ],
  'resourcequota-controller': [
    rule('list watch', '*', '*'),
    rule('update', 'core', 'resourcequotas/status'),
    eventsRule,
  ],
  'root-ca-cert-publisher': [rule('create update', 'core', 'configmaps'), eventsRule],
  'route-controller': [
    rule('list watch', 'core', 'nodes'),
    rule('patch', 'core', 'nodes/status'),
    eventsRule,
  ],
  'selinux-warning-controller': [
    eventsRule,
    rule(read, 'core', 'persistentvolumes'),
    rule(read, 'core', 'persistentvolumeclaims'),
    rule(read, 'core', 'pods'),
    rule(read, 'storage.k8s.io', 'csidrivers'),
  ],
  'service-account-controller': [rule('create', 'core', 'serviceaccounts'), eventsRule],
  'service-cidrs-controller': [
    rule(`patch update ${read}`, 'networking.k8s.io', 'servicecidrs'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/finalizers'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/status'),
    rule(read, 'networking.k8s.io', 'ipaddresses'),
    eventsRule,
  ],
  'service-controller': [
    rule(read, 'core', 'services'),
    rule('patch update', 'core', 'services/status'),
    rule('list watch', 'core', 'nodes'),
    eventsRule,
  ],
  'statefulset-controller': [
    rule('list watch', 'core', 'pods'),
    rule(read, 'apps', 'statefulsets'),
    ...ownRules('apps', 'statefulsets'),
    rule('create delete get patch update', 'core', 'pods'),
    revisionRule,
    rule(`create ${read}`, 'core', 'persistentvolumeclaims'),
    rule('delete update', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'pods/finalizers'),
    eventsRule,
  ],
  'ttl-after-finished-controller': [rule(`delete ${read}`, 'batch', 'jobs'), eventsRule],
  'ttl-controller': [rule('list patch update watch', 'core', 'nodes'), eventsRule],
  'validatingadmissionpolicy-status-controller': [
    rule(read, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
    rule('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
    eventsRule,
  ],
};

/** The service accounts of kube-system the controllers run as: each has the role of its name. */
export const controllerAccounts: readonly string[] = Object.keys(rows);

export const controllerRole = (account: string): string => `system:controller:${account}`;

export const controllerRoles: readonly RoleRow[] = controllerAccounts.map((account) => ({
  name: controllerRole(account),
  rules: rows[account] ?? [],
}));
