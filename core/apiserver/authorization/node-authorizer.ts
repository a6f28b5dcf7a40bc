/**
 * What a kubelet may: its own Node, its Lease, its Pods, and the secrets, config maps, claims and volumes those Pods
 * name. The real one keeps a graph; here the Pods of a node are an index of the Pods' view, and a question follows it.
 * (kubernetes v1.34.1 plugin/pkg/auth/authorizer/node/node_authorizer.go, with AuthorizeNodeWithSelectors)
 */
import type { PolicyRule } from '../../api/generated/types.ts';
import { nodesGroup, nodeUserPrefix, type UserInfo } from '../authentication/identities.ts';
import type { Attributes, Decision, ResourceAttributes } from './attributes.ts';
import { isRelated, type NodeGraphViews, type RelatedKind } from './node-graph.ts';
import { nodeRules } from './bootstrap-nodes.ts';
import { ruleAllows } from './rule.ts';

/** The node a kubelet's user is of; undefined for everybody else. */
export function nodeNameOf(user: UserInfo): string | undefined {
  if (!user.name.startsWith(nodeUserPrefix) || !user.groups.includes(nodesGroup)) return undefined;
  return user.name.slice(nodeUserPrefix.length);
}

const allowed: Decision = { allowed: true, reason: '' };
const noOpinion: Decision = { allowed: false, reason: '' };
const refusal = (reason: string): Decision => ({ allowed: false, reason });

export function authorizeNode(views: NodeGraphViews, user: UserInfo, attributes: Attributes): Decision {
  const node = nodeNameOf(user);
  if (node === undefined) return noOpinion;
  if (node === '') return refusal(`unknown node for user ${JSON.stringify(user.name)}`);
  return 'path' in attributes ? byRules(attributes) : ofResource(views, node, attributes);
}

const byRules = (attributes: Attributes): Decision =>
  nodeRules.some((rule: PolicyRule) => ruleAllows(rule, attributes)) ? allowed : noOpinion;

function ofResource(views: NodeGraphViews, node: string, attributes: ResourceAttributes): Decision {
  const { apiGroup, resource, subresource, verb } = attributes;
  switch (apiGroup === '' ? resource : `${resource}.${apiGroup}`) {
    case 'pods':
      return toPods(views, node, attributes);
    case 'nodes':
      return toNodes(node, attributes);
    case 'leases.coordination.k8s.io':
      return toLease(node, attributes);
    case 'secrets':
      return toRead(views, node, attributes, 'secrets');
    case 'configmaps':
      return toRead(views, node, attributes, 'configmaps');
    case 'persistentvolumeclaims':
      if (subresource !== 'status') return toGet(views, node, attributes, 'persistentvolumeclaims');
      return verb === 'update' || verb === 'patch'
        ? toRelated(views, node, attributes, 'persistentvolumeclaims')
        : refusal('can only get/update/patch this type');
    case 'persistentvolumes':
      return toGet(views, node, attributes, 'persistentvolumes');
    case 'serviceaccounts':
      return toToken(views, node, attributes);
    case 'csinodes.storage.k8s.io':
      return toCsiNode(node, attributes);
    default:
      return byRules(attributes);
  }
}

function toPods(views: NodeGraphViews, node: string, attributes: ResourceAttributes): Decision {
  const { subresource, verb } = attributes;
  switch (subresource) {
    case '':
      switch (verb) {
        case 'get':
          return toGet(views, node, attributes, 'pods');
        case 'list':
        case 'watch':
          if (selects(attributes.fieldSelector, node)) return allowed;
          if (attributes.name !== '') return toRelated(views, node, attributes, 'pods');
          return refusal('can only list/watch pods with spec.nodeName field selector');
        case 'create':
        case 'delete':
          return allowed; // NodeRestriction sees to it that they are mirror Pods of its own.
        default:
          return noOpinion;
      }
    case 'status':
      return verb === 'update' || verb === 'patch' ? allowed : noOpinion;
    case 'eviction':
      return verb === 'create' ? allowed : noOpinion;
    default:
      return noOpinion;
  }
}

const selects = (fieldSelector: string, node: string): boolean =>
  fieldSelector === `spec.nodeName=${node}` ||
  fieldSelector
    .split(',')
    .some((part) => part === `spec.nodeName=${node}` || part === `spec.nodeName==${node}`);

function toNodes(node: string, { subresource, verb, name }: ResourceAttributes): Decision {
  const writes = verb === 'update' || verb === 'patch';
  if (subresource === 'status') return writes ? allowed : noOpinion;
  if (subresource !== '') return noOpinion;
  if (writes || verb === 'create') return allowed;
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return noOpinion;
  if (name === node) return allowed;
  return refusal(
    name === ''
      ? `node '${node}' cannot read all nodes, only its own Node object`
      : `node '${node}' cannot read '${name}', only its own Node object`,
  );
}

const ownVerbs: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

function toLease(node: string, { verb, namespace, name }: ResourceAttributes): Decision {
  if (!ownVerbs.has(verb)) return refusal('can only get, create, update, patch, or delete a node lease');
  if (namespace !== 'kube-node-lease')
    return refusal('can only access leases in the "kube-node-lease" system namespace');
  if (verb !== 'create' && name !== node)
    return refusal('can only access node lease with the same name as the requesting node');
  return allowed;
}

function toCsiNode(node: string, { verb, subresource, name }: ResourceAttributes): Decision {
  if (!ownVerbs.has(verb)) return refusal('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return refusal('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node)
    return refusal('can only access CSINode with the same name as the requesting node');
  return allowed;
}

function toRead(
  views: NodeGraphViews,
  node: string,
  attributes: ResourceAttributes,
  kind: RelatedKind,
): Decision {
  const { verb, subresource, namespace } = attributes;
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch')
    return refusal('can only read resources of this type');
  if (subresource !== '') return refusal('cannot read subresource');
  if (namespace === '') return refusal('can only read namespaced object of this type');
  return toRelated(views, node, attributes, kind);
}

function toGet(
  views: NodeGraphViews,
  node: string,
  attributes: ResourceAttributes,
  kind: RelatedKind,
): Decision {
  if (attributes.verb !== 'get') return refusal('can only get individual resources of this type');
  if (attributes.subresource !== '') return refusal('cannot get subresource');
  return toRelated(views, node, attributes, kind);
}

function toToken(views: NodeGraphViews, node: string, attributes: ResourceAttributes): Decision {
  if (attributes.verb !== 'create' || attributes.name === '')
    return refusal('can only create tokens for individual service accounts');
  if (attributes.subresource !== 'token')
    return refusal('can only create token subresource of serviceaccount');
  return toRelated(views, node, attributes, 'serviceaccounts');
}

function toRelated(
  views: NodeGraphViews,
  node: string,
  { namespace, name }: ResourceAttributes,
  kind: RelatedKind,
): Decision {
  if (name === '') return refusal('No Object name found');
  return isRelated(views, node, kind, namespace, name)
    ? allowed
    : refusal(`no relationship found between node '${node}' and this object`);
}
