/** Roles and their bindings. (kubernetes v1.34.1 pkg/apis/rbac/validation/validation.go) */
import { invalidValue, required, unsupported } from '../field-error.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../generated/types.ts';
import { internal } from '../go/internal.ts';
import { same } from '../merge-patch.ts';
import { isSelectorError, labelSelectorRequirements } from '../selector.ts';
import { checkForm, checkLabelSelector, pathSegment, subdomain, type Errors } from './fields.ts';

export function checkRole(errors: Errors, role: Role): void {
  checkRules(errors, role.rules, true);
}

export function checkClusterRole(errors: Errors, role: ClusterRole): void {
  checkRules(errors, role.rules, false);
  if (role.aggregationRule === undefined) return;
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  const field = 'aggregationRule.clusterRoleSelectors';
  if (selectors.length === 0)
    errors.push(required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  selectors.forEach((selector, i) => {
    checkLabelSelector(errors, `${field}[${i}]`, selector);
    const found = labelSelectorRequirements(selector);
    if (isSelectorError(found))
      // Kubernetes shows the selector it could not make.
      errors.push(invalidValue(`${field}[${i}]`, null, 'invalid label selector.'));
  });
}

function checkRules(errors: Errors, rules: readonly PolicyRule[] | undefined, namespaced: boolean): void {
  (rules ?? []).forEach((rule, i) => {
    const field = `rules[${i}]`;
    const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs: urls = [] } = rule;
    if (((verbs as readonly string[] | undefined) ?? []).length === 0)
      errors.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
    if (urls.length > 0) {
      const at = `${field}.nonResourceURLs`;
      if (namespaced)
        errors.push(invalidValue(at, urls, 'namespaced rules cannot apply to non-resource URLs'));
      if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0)
        errors.push(
          invalidValue(at, urls, 'rules cannot apply to both regular resources and non-resource URLs'),
        );
      return;
    }
    if (apiGroups.length === 0)
      errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
    if (resources.length === 0)
      errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  });
}

const group = 'rbac.authorization.k8s.io';

/** What both kinds of binding have; a RoleBinding may also name a Role. */
type Binding = Pick<RoleBinding | ClusterRoleBinding, 'roleRef' | 'subjects'>;

export function checkRoleBinding(errors: Errors, binding: RoleBinding): void {
  checkBinding(errors, binding, ['Role', 'ClusterRole'], true);
}

export function checkClusterRoleBinding(errors: Errors, binding: ClusterRoleBinding): void {
  checkBinding(errors, binding, ['ClusterRole'], false);
}

function checkBinding(
  errors: Errors,
  { roleRef, subjects = [] }: Binding,
  kinds: readonly string[],
  namespaced: boolean,
): void {
  if (roleRef.apiGroup !== group) errors.push(unsupported('roleRef.apiGroup', roleRef.apiGroup, [group]));
  if (!kinds.includes(roleRef.kind)) errors.push(unsupported('roleRef.kind', roleRef.kind, kinds));
  if (roleRef.name === '') errors.push(required('roleRef.name'));
  else checkForm(errors, 'roleRef.name', roleRef.name, pathSegment);
  subjects.forEach((subject, i) => {
    checkSubject(errors, `subjects[${i}]`, subject, namespaced);
  });
}

function checkSubject(errors: Errors, field: string, subject: Subject, namespaced: boolean): void {
  const { apiGroup = '', kind, name } = subject;
  if (name === '') errors.push(required(`${field}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') checkForm(errors, `${field}.name`, name, subdomain);
      if (apiGroup !== '') errors.push(unsupported(`${field}.apiGroup`, apiGroup, ['']));
      if (!namespaced && (subject.namespace ?? '') === '') errors.push(required(`${field}.namespace`));
      return;
    case 'User':
    case 'Group':
      if (apiGroup !== group) errors.push(unsupported(`${field}.apiGroup`, apiGroup, [group]));
      return;
    default:
      errors.push(unsupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
}

/** What a binding grants cannot be changed: that would be another binding. */
export function checkBindingUpdate(errors: Errors, next: Binding, before: Binding): void {
  if (!same(next.roleRef, before.roleRef))
    errors.push(invalidValue('roleRef', internal('RoleRef', next.roleRef), 'cannot change roleRef'));
}
