/**
 * Gives a ClusterRole with an aggregationRule the rules of all ClusterRoles that it selects by label (kubernetes v1.34.1
 * pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go).
 */
import type { ClusterRole, PolicyRule } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import type { ObjectKey } from '../api/object.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Informers } from '../client/informer.ts';
import {
  done,
  failed,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { update } from './requests.ts';

export const clusterRoleAggregationController: Controller<undefined> = {
  name: 'clusterrole-aggregation-controller',
  component: 'clusterrole-aggregation-controller',
  workers: 5,
  follows: ['clusterroles'],
  initial: undefined,
  handle,
  sync,
};

/** Any change of a role may be one of any aggregated role. */
function handle({ caches }: Context<undefined>): Effects<undefined> | undefined {
  const mark: ObjectKey[] = [];
  for (const { metadata, aggregationRule } of objectsIn(viewOf(caches, 'clusterroles')))
    if (aggregationRule !== undefined) mark.push(metadata.name);
  return mark.length === 0 ? undefined : { mark };
}

function* sync({ caches }: Context<undefined>, name: string): Sync<undefined> {
  const role = viewOf(caches, 'clusterroles').objects.get(name);
  if (role?.aggregationRule === undefined) return done;
  const rules = aggregated(caches, role);
  if (same(rules, role.rules ?? [])) return done;
  const [answer] = (yield { requests: [update('clusterroles', { ...role, rules })] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}

/** The rules of the selected roles, selector by selector, in the order of the roles' names; each once. */
function aggregated(caches: Informers, { metadata, aggregationRule }: ClusterRole): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of aggregationRule?.clusterRoleSelectors ?? [])
    for (const other of objectsIn(viewOf(caches, 'clusterroles'))) {
      const selected = matchesLabels(requirementsOf(selector), other.metadata.labels);
      if (!selected || other.metadata.name === metadata.name) continue;
      for (const rule of other.rules ?? []) if (!rules.some((known) => same(known, rule))) rules.push(rule);
    }
  return rules;
}
