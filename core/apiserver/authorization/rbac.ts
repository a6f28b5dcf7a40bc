/**
 * Role-based access control, read from the views of roles and bindings as one server has them. What a user may is asked
 * again and again, so the answers are remembered by user, verb, resource and namespace for as long as none of the four
 * views changes. (kubernetes v1.34.1 plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go)
 */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from '../../api/generated/types.ts';
import { aggregate } from '../../api/field-error.ts';
import type { View } from '../../api/view.ts';
import type { UserInfo } from '../authentication/identities.ts';
import type { Attributes, Decision, ResourceAttributes } from './attributes.ts';
import { bindingsFor, type Granted } from './binding-index.ts';
import { allowsResource, ruleAllows } from './rule.ts';

export interface RbacViews {
  readonly roles: View;
  readonly roleBindings: View;
  readonly clusterRoles: View;
  readonly clusterRoleBindings: View;
}

/** A rule a user has, or a role that should give some and is not there. */
export type Grant =
  | { readonly rule: PolicyRule; readonly source: string }
  | { readonly rule: undefined; readonly error: string };

/** What a request for a kind of thing comes to: by name where the rules name names. */
interface Remembered {
  readonly named: readonly { readonly names: readonly string[]; readonly decision: Decision }[];
  readonly otherwise: Decision;
}

interface Memory {
  readonly roles: unknown;
  readonly roleBindings: unknown;
  readonly clusterRoles: unknown;
  readonly clusterRoleBindings: unknown;
  readonly decisions: Map<string, Remembered>;
}

const memories = new WeakMap<UserInfo, Memory>();
const mostRemembered = 20_000;

/** Whether RBAC allows it, and by which binding. */
export function authorizeRbac(views: RbacViews, user: UserInfo, attributes: Attributes): Decision {
  if ('path' in attributes) return decide(grantsOf(views, user, ''), attributes);
  const { decisions } = memoryOf(views, user);
  const key = `${attributes.verb} ${attributes.resource}.${attributes.apiGroup}/${attributes.subresource} ${attributes.namespace}`;
  let known = decisions.get(key);
  if (known === undefined) {
    known = decideForAnyName(grantsOf(views, user, attributes.namespace), attributes);
    if (decisions.size >= mostRemembered) decisions.clear();
    decisions.set(key, known);
  }
  for (const { names, decision } of known.named) if (names.includes(attributes.name)) return decision;
  return known.otherwise;
}

function memoryOf(views: RbacViews, user: UserInfo): Memory {
  const known = memories.get(user);
  if (
    known !== undefined &&
    known.roles === views.roles.objects &&
    known.roleBindings === views.roleBindings.objects &&
    known.clusterRoles === views.clusterRoles.objects &&
    known.clusterRoleBindings === views.clusterRoleBindings.objects
  )
    return known;
  const memory: Memory = {
    roles: views.roles.objects,
    roleBindings: views.roleBindings.objects,
    clusterRoles: views.clusterRoles.objects,
    clusterRoleBindings: views.clusterRoleBindings.objects,
    decisions: new Map(),
  };
  memories.set(user, memory);
  return memory;
}

function decide(grants: readonly Grant[], attributes: Attributes): Decision {
  for (const grant of grants)
    if (grant.rule !== undefined && ruleAllows(grant.rule, attributes)) return allowedBy(grant.source);
  return refusal(grants);
}

/** The first rule that allows it whatever the name ends the search; those before it that name names come first. */
function decideForAnyName(grants: readonly Grant[], attributes: ResourceAttributes): Remembered {
  const named: { names: readonly string[]; decision: Decision }[] = [];
  for (const grant of grants) {
    if (grant.rule === undefined || !allowsResource(grant.rule, attributes)) continue;
    const names = grant.rule.resourceNames;
    if (names === undefined || names.length === 0) return { named, otherwise: allowedBy(grant.source) };
    named.push({ names, decision: allowedBy(grant.source) });
  }
  return { named, otherwise: refusal(grants) };
}

const allowedBy = (source: string): Decision => ({ allowed: true, reason: `RBAC: allowed by ${source}` });

function refusal(grants: readonly Grant[]): Decision {
  const errors = grants.flatMap((grant) => (grant.rule === undefined ? [grant.error] : []));
  return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${aggregate(errors)}` };
}

/** Every rule a user has in a namespace (or in the cluster, where that is empty), in the order of the bindings' names. */
export function grantsOf(views: RbacViews, user: UserInfo, namespace: string): readonly Grant[] {
  const grants: Grant[] = [];
  const add = ({ binding, subject }: Granted): void => {
    const found = rulesOf(views, binding);
    if (typeof found === 'string') grants.push({ rule: undefined, error: found });
    else for (const rule of found) grants.push({ rule, source: sourceOf(binding, subject) });
  };
  bindingsFor(views.clusterRoleBindings, user, '').forEach(add);
  if (namespace !== '') bindingsFor(views.roleBindings, user, namespace).forEach(add);
  return grants;
}

const noRules: readonly PolicyRule[] = [];

/** The rules of the role a binding names, or why there are none. */
export function rulesOf(
  views: RbacViews,
  binding: ClusterRoleBinding | RoleBinding,
): readonly PolicyRule[] | string {
  const { kind, name } = binding.roleRef;
  switch (kind) {
    case 'ClusterRole': {
      const role = views.clusterRoles.objects.get(name) as ClusterRole | undefined;
      return role === undefined ? absent('clusterrole', name) : (role.rules ?? noRules);
    }
    case 'Role': {
      const role = views.roles.objects.get(`${binding.metadata.namespace ?? ''}/${name}`) as Role | undefined;
      return role === undefined ? absent('role', name) : (role.rules ?? noRules);
    }
    default:
      return `unsupported role reference kind: ${JSON.stringify(kind)}`;
  }
}

const absent = (kind: string, name: string): string =>
  `${kind}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;

/** `ClusterRoleBinding "a" of ClusterRole "b" to User "c"`. */
function sourceOf(
  { kind, metadata, roleRef }: ClusterRoleBinding | RoleBinding,
  subject: Granted['subject'],
): string {
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.name}/${metadata.namespace}`;
  const who =
    subject.kind === 'ServiceAccount'
      ? `${subject.name}/${subject.namespace ?? metadata.namespace ?? ''}`
      : subject.name;
  return `${kind} "${name}" of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${who}"`;
}
