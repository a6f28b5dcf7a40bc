/** SelfSubjectRulesReview: what the one who asks may do in a namespace, rule by rule (kubernetes v1.34.1 pkg/registry/authorization/selfsubjectrulesreview/rest.go). */
import { aggregate } from '../../api/field-error.ts';
import type { Status } from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';
import { grantsFor } from '../access.ts';
import { nodeNameOf } from '../authorization/node-authorizer.ts';
import type { ApiserverState, RequestEvent } from '../state.ts';
import type { Review } from './review-kinds.ts';

export function ownRules(
  state: ApiserverState,
  { spec }: Review,
  { user }: RequestEvent,
): { readonly status: object } | Status {
  const namespace = spec?.['namespace'];
  if (typeof namespace !== 'string' || namespace === '') return badRequest('no namespace on request');
  const grants = grantsFor(state, user, namespace);
  if (grants === 'everything')
    return statusOf(
      [{ verbs: all, apiGroups: all, resources: all }],
      [{ verbs: all, nonResourceURLs: all }],
      [],
    );
  const rules = grants.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  const missing = grants.flatMap((grant) => (grant.rule === undefined ? [grant.error] : []));
  return statusOf(
    rules.flatMap(({ verbs, apiGroups, resources = none, resourceNames = none }) =>
      resources.length === 0
        ? []
        : [{ verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) }],
    ),
    rules.flatMap(({ verbs, nonResourceURLs = none }) =>
      nonResourceURLs.length === 0 ? [] : [{ verbs, nonResourceURLs }],
    ),
    // What the Node authorizer allows is in no rule.
    [
      ...(nodeNameOf(user) === undefined ? [] : ['node authorizer does not support user rule resolution']),
      ...(missing.length === 0 ? [] : [aggregate(missing)]),
    ],
  );
}

const none: readonly string[] = [];
const all: readonly string[] = ['*'];

const statusOf = (
  resourceRules: readonly object[],
  nonResourceRules: readonly object[],
  errors: readonly string[],
): { readonly status: object } => ({
  status: {
    resourceRules,
    nonResourceRules,
    incomplete: false,
    ...(errors.length === 0 ? {} : { evaluationError: aggregate(errors) }),
  },
});
