/**
 * Who may: the members of system:masters everything, then the Node authorizer, then RBAC. The first that allows is heard;
 * if none does, the reasons of all are told. (kubernetes v1.34.1 pkg/kubeapiserver/authorizer/reload.go,
 * apiserver/pkg/authorization/union/union.go)
 */
import type { Status } from '../../api/request.ts';
import { mastersGroup, type UserInfo } from '../authentication/identities.ts';
import { forbiddenRequest, type Attributes, type Decision } from './attributes.ts';
import { authorizeNode } from './node-authorizer.ts';
import type { NodeGraphViews } from './node-graph.ts';
import { authorizeRbac, type RbacViews } from './rbac.ts';

export type AuthorizationViews = RbacViews & NodeGraphViews;

const master: Decision = { allowed: true, reason: '' };

/** Whether the user may do it, and why or why not. */
export function authorize(views: AuthorizationViews, user: UserInfo, attributes: Attributes): Decision {
  if (user.groups.includes(mastersGroup)) return master;
  const asNode = authorizeNode(views, user, attributes);
  if (asNode.allowed) return asNode;
  const byRole = authorizeRbac(views, user, attributes);
  if (byRole.allowed || asNode.reason === '') return byRole;
  return {
    allowed: false,
    reason: byRole.reason === '' ? asNode.reason : `${asNode.reason}\n${byRole.reason}`,
  };
}

/** 403 where the user may not, undefined where they may. */
export function refusalOfRequest(
  views: AuthorizationViews,
  user: UserInfo,
  attributes: Attributes,
): Status | undefined {
  const { allowed, reason } = authorize(views, user, attributes);
  return allowed ? undefined : forbiddenRequest(attributes, user, reason);
}
