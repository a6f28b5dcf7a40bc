/**
 * The roles and bindings every cluster is born with: the server puts them where they are missing. Objects without uid and
 * time, which the server adds. Roles of kinds wavetank does not serve (resource claims, trust bundles) are left out.
 * (kubernetes v1.34.1 plugin/pkg/auth/authorizer/rbac/bootstrappolicy)
 */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../api/generated/types.ts';
import { componentRoles } from './bootstrap-components.ts';
import { controllerAccounts, controllerRole, controllerRoles } from './bootstrap-controllers.ts';
import { aggregatedRoles, userRoles } from './bootstrap-users.ts';
import { read, rule, eventsRule, type RoleRow } from './policy-rule.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const apiGroup = 'rbac.authorization.k8s.io';
const aggregateLabel = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`;

/** What the server gives an object besides: uid, creation time. */
type Bare<T extends { readonly metadata: unknown }> = Omit<T, 'metadata'> & {
  readonly metadata: BareMetadata;
};

export type BootstrapObject = Bare<ClusterRole | ClusterRoleBinding | Role | RoleBinding>;

interface BareMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function metadataOf(name: string, aggregateTo?: string): BareMetadata {
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  return {
    name,
    labels: aggregateTo === undefined ? labels : { ...labels, [aggregateLabel(aggregateTo)]: 'true' },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

/** The rules of the roles that are part of a sum, and of the sums that are part of it, in the order of their names. */
function rulesOfSum(name: string): readonly PolicyRule[] {
  const parts = [
    ...aggregatedRoles
      .filter((sum) => sum.aggregateTo === name)
      .map((sum) => ({ name: sum.name, rules: rulesOfSum(sum.name) })),
    ...userRoles.filter((role) => role.aggregateTo === name),
  ];
  return distinct(parts.sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((part) => part.rules));
}

/** As the aggregation controller does it: a rule that is there is not added again. */
function distinct(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const seen = new Set<string>();
  return rules.filter((candidate) => {
    const text = JSON.stringify(candidate);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

const plainRole = ({ name, rules, aggregateTo }: RoleRow): Bare<ClusterRole> => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: metadataOf(name, aggregateTo),
  rules,
});

const sumRole = ({ name, aggregateTo }: { name: string; aggregateTo?: string }): Bare<ClusterRole> => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: metadataOf(name, aggregateTo),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateLabel(name)]: 'true' } }] },
  rules: rulesOfSum(name),
});

export const bootstrapClusterRoles: readonly Bare<ClusterRole>[] = [
  ...aggregatedRoles.map(sumRole),
  ...userRoles.map(plainRole),
  ...componentRoles.map(plainRole),
  ...controllerRoles.map(plainRole),
];

const user = (name: string): Subject => ({ apiGroup, kind: 'User', name });
const group = (name: string): Subject => ({ apiGroup, kind: 'Group', name });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

const binding = (name: string, role: string, subjects: readonly Subject[]): Bare<ClusterRoleBinding> => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: metadataOf(name),
  roleRef: { apiGroup, kind: 'ClusterRole', name: role },
  subjects,
});

const own = (name: string, ...subjects: readonly Subject[]): Bare<ClusterRoleBinding> =>
  binding(name, name, subjects);

export const bootstrapClusterRoleBindings: readonly Bare<ClusterRoleBinding>[] = [
  own('cluster-admin', group('system:masters')),
  own('system:monitoring', group('system:monitoring')),
  own('system:discovery', group('system:authenticated')),
  own('system:basic-user', group('system:authenticated')),
  own('system:public-info-viewer', group('system:authenticated'), group('system:unauthenticated')),
  own('system:node-proxier', user('system:kube-proxy')),
  own('system:kube-controller-manager', user('system:kube-controller-manager')),
  own('system:kube-dns', account('kube-dns')),
  own('system:kube-scheduler', user('system:kube-scheduler')),
  own('system:volume-scheduler', user('system:kube-scheduler')),
  own('system:service-account-issuer-discovery', group('system:serviceaccounts')),
  // The Node authorizer stands in for it.
  own('system:node'),
  ...controllerAccounts.map((name) => own(controllerRole(name), account(name))),
  // What kubeadm adds: its administrators, and kube-proxy's own account.
  binding('kubeadm:cluster-admins', 'cluster-admin', [group('kubeadm:cluster-admins')]),
  binding('kubeadm:node-proxier', 'system:node-proxier', [account('kube-proxy')]),
  // What the manifest of a storage driver adds for its provisioner.
  binding('external-provisioner', 'system:persistent-volume-provisioner', [account('external-provisioner')]),
];

interface NamespaceRow {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly bindingName?: string;
  readonly subjects: readonly Subject[];
}

const namespaceRows: readonly NamespaceRow[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [rule(read, 'core', 'configmaps', 'extension-apiserver-authentication')],
    bindingName: 'system::extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [rule(read, 'core', 'secrets')],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [rule(`create ${read}`, 'core', 'configmaps')],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [rule(`delete ${read}`, 'core', 'secrets'), eventsRule],
    subjects: [account('token-cleaner')],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-controller-manager',
    rules: [
      rule('watch', 'core', 'configmaps'),
      rule('get update', 'core', 'configmaps', 'kube-controller-manager'),
      rule(`create update ${read}`, 'coordination.k8s.io', 'leases'),
    ],
    subjects: [
      user('system:kube-controller-manager'),
      account('kube-controller-manager'),
      account('leader-election-controller'),
    ],
  },
  {
    namespace: 'kube-system',
    name: 'system::leader-locking-kube-scheduler',
    rules: [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', 'kube-scheduler')],
    subjects: [user('system:kube-scheduler'), account('kube-scheduler')],
  },
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [
      rule(read, 'core', 'configmaps'),
      rule('update', 'core', 'configmaps', 'cluster-info'),
      eventsRule,
    ],
    subjects: [account('bootstrap-signer')],
  },
];

export const bootstrapRoles: readonly Bare<Role>[] = namespaceRows.map(({ namespace, name, rules }) => ({
  apiVersion,
  kind: 'Role',
  metadata: { ...metadataOf(name), namespace },
  rules,
}));

export const bootstrapRoleBindings: readonly Bare<RoleBinding>[] = namespaceRows.map(
  ({ namespace, name, bindingName, subjects }) => ({
    apiVersion,
    kind: 'RoleBinding',
    metadata: { ...metadataOf(bindingName ?? name), namespace },
    roleRef: { apiGroup, kind: 'Role', name },
    subjects,
  }),
);
