/** The roles of the components, the controllers aside. (kubernetes v1.34.1 bootstrappolicy/policy.go) */
import { nodeRules } from './bootstrap-nodes.ts';
import { eventsRule, read, rule, type RoleRow } from './policy-rule.ts';

const signerRole = (name: string, signer: string): RoleRow => ({
  name: `system:certificates.k8s.io:${name}`,
  rules: [rule('approve', 'certificates.k8s.io', 'signers', `kubernetes.io/${signer}`)],
});

const csrRole = (what: string): RoleRow => ({
  name: `system:certificates.k8s.io:certificatesigningrequests:${what}`,
  rules: [rule('create', 'certificates.k8s.io', `certificatesigningrequests/${what}`)],
});

const leaderRules = (component: string): RoleRow['rules'] => [
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', component),
];

export const componentRoles: readonly RoleRow[] = [
  csrRole('nodeclient'),
  csrRole('selfnodeclient'),
  signerRole('kube-apiserver-client-approver', 'kube-apiserver-client'),
  signerRole('kube-apiserver-client-kubelet-approver', 'kube-apiserver-client-kubelet'),
  signerRole('kubelet-serving-approver', 'kubelet-serving'),
  signerRole('legacy-unknown-approver', 'legacy-unknown'),
  {
    name: 'system:heapster',
    rules: [rule(read, 'core', 'events namespaces nodes pods'), rule(read, 'extensions', 'deployments')],
  },
  { name: 'system:kube-aggregator', rules: [rule(read, 'core', 'endpoints services')] },
  {
    name: 'system:kube-controller-manager',
    rules: [
      eventsRule,
      ...leaderRules('kube-controller-manager'),
      rule('create', 'core', 'secrets serviceaccounts'),
      rule('delete', 'core', 'secrets'),
      rule('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
      rule('update', 'core', 'secrets serviceaccounts'),
      rule('create', 'authentication.k8s.io', 'tokenreviews'),
      rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
      rule('list watch', '*', '*'),
      rule('create', 'core', 'serviceaccounts/token'),
    ],
  },
  {
    name: 'system:kube-dns',
    rules: [rule('list watch', 'core', 'endpoints services')],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      eventsRule,
      ...leaderRules('kube-scheduler'),
      rule(read, 'core', 'nodes'),
      rule(`delete ${read}`, 'core', 'pods'),
      rule('create', 'core', 'bindings pods/binding'),
      rule('patch update', 'core', 'pods/status'),
      rule(read, 'core', 'replicationcontrollers services'),
      rule(read, 'apps extensions', 'replicasets'),
      rule(read, 'apps', 'statefulsets'),
      rule(read, 'policy', 'poddisruptionbudgets'),
      rule(read, 'core', 'persistentvolumeclaims persistentvolumes'),
      rule('create', 'authentication.k8s.io', 'tokenreviews'),
      rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
      rule(read, 'storage.k8s.io', 'csinodes'),
      rule(read, 'core', 'namespaces'),
      rule(read, 'storage.k8s.io', 'csidrivers'),
      rule(read, 'storage.k8s.io', 'csistoragecapacities'),
      rule(read, 'storage.k8s.io', 'volumeattachments'),
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      rule(read, 'core', 'nodes'),
      rule('proxy', 'core', 'nodes'),
      rule('*', 'core', 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
    ],
  },
  { name: 'system:node', rules: nodeRules },
  {
    name: 'system:node-bootstrapper',
    rules: [rule(`create ${read}`, 'certificates.k8s.io', 'certificatesigningrequests')],
  },
  {
    name: 'system:node-problem-detector',
    rules: [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), eventsRule],
  },
  {
    name: 'system:node-proxier',
    rules: [
      rule('list watch', 'core', 'endpoints services'),
      rule(read, 'core', 'nodes'),
      eventsRule,
      rule('list watch', 'discovery.k8s.io', 'endpointslices'),
      rule('list watch', 'networking.k8s.io', 'servicecidrs'),
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      rule(`create delete ${read}`, 'core', 'persistentvolumes'),
      rule(`update ${read}`, 'core', 'persistentvolumeclaims'),
      rule(read, 'storage.k8s.io', 'storageclasses'),
      rule('watch', 'core', 'events'),
      eventsRule,
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      rule(`patch update ${read}`, 'core', 'persistentvolumes'),
      rule(read, 'storage.k8s.io', 'storageclasses'),
      rule(`patch update ${read}`, 'core', 'persistentvolumeclaims'),
    ],
  },
];
