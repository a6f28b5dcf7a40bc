/**
 * Which requests a policy, or its binding, is about.
 * (kubernetes v1.34.1 apiserver/pkg/admission/plugin/policy/matching/matching.go, webhook/predicates)
 */
import type { Labels } from '../../api/selector.ts';
import { matchesLabels, requirementsOf } from '../../api/selector.ts';
import type { LabelSelector, MatchResources, NamedRuleWithOperations } from '../../api/generated/types.ts';
import type { PolicyRequest } from './policy-request.ts';

/** Whether the resources match; a namespace that a selector would have to look at, and is not there, is an error. */
export function matchesResources(
  { namespaceSelector, objectSelector, excludeResourceRules, resourceRules, matchPolicy }: MatchResources,
  request: PolicyRequest,
): boolean | { readonly error: string } {
  const inNamespace = matchesNamespace(namespaceSelector, request);
  if (inNamespace === false || !matchesObject(objectSelector, request)) return false;
  if (matchesAny(excludeResourceRules ?? [], matchPolicy, request)) return false;
  const rules = resourceRules ?? [];
  if (rules.length > 0 && !matchesAny(rules, matchPolicy, request)) return false;
  return inNamespace;
}

const isEmpty = ({ matchLabels, matchExpressions }: LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0;

const matches = (selector: LabelSelector, labels: Labels | undefined): boolean =>
  matchesLabels(requirementsOf(selector), labels);

function matchesNamespace(
  selector: LabelSelector | undefined,
  request: PolicyRequest,
): boolean | { readonly error: string } {
  if (selector === undefined || isEmpty(selector)) return true;
  const { info, namespace, object, oldObject, subresource } = request;
  if (info.resource === 'namespaces' && info.group === '') {
    const own = subresource === '' ? (object ?? oldObject) : oldObject;
    return matches(selector, own?.metadata.labels);
  }
  if (namespace === '') return true;
  const found = request.namespaceObject;
  return found === undefined
    ? { error: `namespaces ${JSON.stringify(namespace)} not found` }
    : matches(selector, found.metadata.labels);
}

/** The object as it is to be, or as it was. */
function matchesObject(selector: LabelSelector | undefined, { object, oldObject }: PolicyRequest): boolean {
  if (selector === undefined || isEmpty(selector)) return true;
  return [object, oldObject].some((each) => each !== undefined && matches(selector, each.metadata.labels));
}

function matchesAny(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  request: PolicyRequest,
): boolean {
  const { info, version } = request;
  const versions =
    matchPolicy === 'Exact'
      ? [version]
      : [version, info.version, ...info.otherVersions.map((other) => other.version)];
  return rules.some(
    (rule) => versions.some((each) => matchesRule(rule, request, each)) && matchesName(rule, request.name),
  );
}

const matchesName = ({ resourceNames = [] }: NamedRuleWithOperations, name: string): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name);

const includes = (list: readonly string[] | undefined, value: string): boolean =>
  list?.some((each) => each === '*' || each === value) === true;

function matchesRule(rule: NamedRuleWithOperations, request: PolicyRequest, version: string): boolean {
  const { info, subresource } = request;
  return (
    matchesScope(rule.scope, request) &&
    includes(rule.operations, request.operation) &&
    includes(rule.apiGroups, info.group) &&
    includes(rule.apiVersions, version) &&
    (rule.resources ?? []).some((text) => {
      const [resource = '', sub = ''] = text.split('/');
      return (resource === '*' || resource === info.plural) && (sub === '*' || sub === subresource);
    })
  );
}

function matchesScope(scope: string | undefined, { info, namespace }: PolicyRequest): boolean {
  const isNamespaced = namespace !== '' && !(info.resource === 'namespaces' && info.group === '');
  return scope === 'Namespaced' ? isNamespaced : scope === 'Cluster' ? !isNamespaced : true;
}
