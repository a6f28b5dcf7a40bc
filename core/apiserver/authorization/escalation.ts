/**
 * Nobody grants what they do not have: a role may be written only by who holds all its rules, or may `escalate`; a binding
 * only by who holds the rules of its role, or may `bind` it. (kubernetes v1.34.1 pkg/registry/rbac/escalation_check.go,
 * pkg/registry/rbac/validation/rule.go, policy_comparator.go, policy_compact.go)
 */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from '../../api/generated/types.ts';
import { aggregate } from '../../api/field-error.ts';
import type { Status } from '../../api/request.ts';
import { forbiddenStatus, notFound } from '../../api/status.ts';
import { mastersGroup, type UserInfo } from '../authentication/identities.ts';
import { authorize, type AuthorizationViews } from './authorize.ts';
import { grantsOf, rulesOf } from './rbac.ts';
import { withoutStars } from './rule.ts';

/** Why the user may not write this role; undefined where they may. `before`: the role it replaces. */
export function refusalOfRole(
  views: AuthorizationViews,
  user: UserInfo,
  role: Role | ClusterRole,
  before: Role | ClusterRole | undefined,
): Status | undefined {
  const resource = role.kind === 'Role' ? 'roles' : 'clusterroles';
  if (user.groups.includes(mastersGroup) || may(views, user, 'escalate', resource, role)) return undefined;
  if (before !== undefined && JSON.stringify(before.rules) === JSON.stringify(role.rules)) return undefined;
  const namespace = role.metadata.namespace ?? '';
  const problem =
    confirmNoEscalation(views, user, namespace, role.rules ?? []) ??
    ('aggregationRule' in role && role.aggregationRule !== undefined && !ownsEverything(views, user)
      ? 'must have cluster-admin privileges to use aggregationRule'
      : undefined);
  return problem === undefined ? undefined : forbiddenStatus(resource, role.metadata.name, problem);
}

/** Why the user may not write this binding; undefined where they may. */
export function refusalOfBinding(
  views: AuthorizationViews,
  user: UserInfo,
  binding: RoleBinding | ClusterRoleBinding,
): Status | undefined {
  if (user.groups.includes(mastersGroup)) return undefined;
  const { kind, name } = binding.roleRef;
  const roles = kind === 'Role' ? 'roles' : 'clusterroles';
  if (may(views, user, 'bind', roles, { metadata: { ...binding.metadata, name } })) return undefined;
  const rules = rulesOf(views, binding);
  if (typeof rules === 'string') return notFound(roles, name);
  const problem = confirmNoEscalation(views, user, binding.metadata.namespace ?? '', rules);
  const resource = binding.kind === 'RoleBinding' ? 'rolebindings' : 'clusterrolebindings';
  return problem === undefined ? undefined : forbiddenStatus(resource, binding.metadata.name, problem);
}

const may = (
  views: AuthorizationViews,
  user: UserInfo,
  verb: string,
  resource: string,
  { metadata }: { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } },
): boolean =>
  authorize(views, user, {
    verb,
    apiGroup: 'rbac.authorization.k8s.io',
    resource,
    subresource: '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    fieldSelector: '',
  }).allowed;

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

const ownsEverything = (views: AuthorizationViews, user: UserInfo): boolean =>
  confirmNoEscalation(views, user, '', everything) === undefined;

/** What the user would grant without having it, as the message says it; undefined where there is nothing. */
export function confirmNoEscalation(
  views: AuthorizationViews,
  user: UserInfo,
  namespace: string,
  wanted: readonly PolicyRule[],
): string | undefined {
  const grants = grantsOf(views, user, namespace);
  const missing = uncovered(
    grants.flatMap(({ rule }) => (rule === undefined ? [] : [rule])),
    wanted,
  );
  if (missing.length === 0) return undefined;
  const errors = grants.flatMap((grant) => (grant.rule === undefined ? [grant.error] : []));
  const unresolved = errors.length === 0 ? '' : `; resolution errors: [${aggregate(errors)}]`;
  const groups = goList(user.groups);
  const rules = [...new Set(compact(missing).map(ruleText))].sort().join('\n');
  return `user ${JSON.stringify(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${rules}${unresolved}`;
}

/** The parts of `wanted`, each of one verb, one resource and one name, that no rule covers. */
export const uncovered = (own: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] =>
  wanted.flatMap(partsOf).filter((part) => !own.some((rule) => covers(rule, part)));

function partsOf({ apiGroups, resources, verbs, resourceNames, nonResourceURLs }: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const apiGroup of apiGroups ?? [])
    for (const resource of resources ?? [])
      for (const verb of verbs) {
        const part = { apiGroups: [apiGroup], resources: [resource], verbs: [verb] };
        if (resourceNames === undefined || resourceNames.length === 0) parts.push(part);
        else for (const name of resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
  for (const url of nonResourceURLs ?? [])
    for (const verb of verbs) parts.push({ nonResourceURLs: [url], verbs: [verb] });
  return parts;
}

/** Names are compared as they stand: a rule for every resource covers `pods/log`, one for all `scale` does not cover `pods/scale`. */
function covers(own: PolicyRule, part: PolicyRule): boolean {
  const names = own.resourceNames ?? [];
  const wantedNames = part.resourceNames ?? [];
  return (
    hasAll(own.verbs, part.verbs) &&
    hasAll(own.apiGroups ?? [], part.apiGroups ?? []) &&
    hasAll(own.resources ?? [], part.resources ?? []) &&
    (names.length === 0 || (wantedNames.length > 0 && wantedNames.every((name) => names.includes(name)))) &&
    (part.nonResourceURLs ?? []).every((url) =>
      (own.nonResourceURLs ?? []).some((mine) => urlCovers(mine, url)),
    )
  );
}

const hasAll = (own: readonly string[], wanted: readonly string[]): boolean =>
  own.includes('*') || wanted.every((word) => own.includes(word));

const urlCovers = (own: string, url: string): boolean =>
  own === url || (own.endsWith('*') && url.startsWith(withoutStars(own)));

/** Parts of one resource become one rule; their verbs stand as often as they come. */
function compact(parts: readonly PolicyRule[]): readonly PolicyRule[] {
  const simple = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const part of parts) {
    if (part.nonResourceURLs !== undefined) {
      others.push(part);
      continue;
    }
    const key = JSON.stringify([part.apiGroups, part.resources, part.resourceNames]);
    const known = simple.get(key);
    simple.set(key, known === undefined ? part : { ...known, verbs: [...known.verbs, ...part.verbs] });
  }
  return [...others, ...simple.values()];
}

function ruleText({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const fields: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const shown = fields.flatMap(([name, list]) =>
    list === undefined || list.length === 0 ? [] : [`${name}:${goList(list)}`],
  );
  return `{${shown.join(', ')}}`;
}

const goList = (list: readonly string[]): string => `[${list.map((text) => JSON.stringify(text)).join(' ')}]`;
