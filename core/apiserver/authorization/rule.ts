/** Whether one rule of a role allows a request. (kubernetes v1.34.1 pkg/apis/rbac/v1/evaluation_helpers.go) */
import type { PolicyRule } from '../../api/generated/types.ts';
import type { Attributes, PathAttributes, ResourceAttributes } from './attributes.ts';

export const ruleAllows = (rule: PolicyRule, attributes: Attributes): boolean =>
  'path' in attributes
    ? allowsPath(rule, attributes)
    : allowsResource(rule, attributes) && allowsName(rule, attributes.name);

const allowsPath = (rule: PolicyRule, { verb, path }: PathAttributes): boolean =>
  matches(rule.verbs, verb) &&
  (rule.nonResourceURLs ?? none).some(
    (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(withoutStars(url))),
  );

/** Whether the rule is about the request, its resourceNames aside. */
export function allowsResource(
  rule: PolicyRule,
  { verb, apiGroup, resource, subresource }: ResourceAttributes,
): boolean {
  if (!matches(rule.verbs, verb) || !matches(rule.apiGroups, apiGroup)) return false;
  const wanted = subresource === '' ? resource : `${resource}/${subresource}`;
  for (const given of rule.resources ?? none) {
    if (given === '*' || given === wanted) return true;
    if (subresource !== '' && given.startsWith('*/') && given.slice(2) === subresource) return true;
  }
  return false;
}

const allowsName = ({ resourceNames }: PolicyRule, name: string): boolean =>
  resourceNames === undefined || resourceNames.length === 0 || resourceNames.includes(name);

const matches = (list: readonly string[] | undefined, wanted: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(wanted));

const none: readonly string[] = [];

/** All stars at the end go, as in Go's TrimRight. */
export function withoutStars(url: string): string {
  let end = url.length;
  while (end > 0 && url.charAt(end - 1) === '*') end--;
  return url.slice(0, end);
}
