/**
 * NodeRestriction: a kubelet writes its own Node and Lease, the status of its own Pods, and mirror Pods; and of its labels
 * only those that are a kubelet's. (kubernetes v1.34.1 plugin/pkg/admission/noderestriction/admission.go)
 */
import type { Node, PersistentVolumeClaim, Pod } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { notFound } from '../../api/status.ts';
import type { Status } from '../../api/request.ts';
import { nodeNameOf } from '../authorization/node-authorizer.ts';
import { namesAnyConfigMap, namesAnySecret } from '../authorization/node-graph.ts';
import { refuse, type AdmissionAttributes, type AdmissionContext, type AdmissionPlugin } from './plugin.ts';

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  resources: ['pods', 'nodes', 'persistentvolumeclaims', 'serviceaccounts', 'leases', 'csinodes'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  subresources: ['status', 'scale', 'binding', 'eviction', 'finalize', 'ephemeralcontainers', 'resize'],
  validate: (attributes, context) => {
    const node = nodeNameOf(attributes.user);
    if (node === undefined) return undefined;
    const why = objection(attributes, node, context);
    return why === undefined || typeof why !== 'string' ? why : refuse(attributes, why);
  },
};

type Objection = string | Status | undefined;

function objection(attributes: AdmissionAttributes, node: string, context: AdmissionContext): Objection {
  const name = JSON.stringify(node);
  if (node === '') return `could not determine node from user ${JSON.stringify(attributes.user.name)}`;
  switch (attributes.resource) {
    case 'pods':
      return toPod(attributes, name, node, context);
    case 'nodes':
      return toNode(attributes, name, node);
    case 'persistentvolumeclaims':
      return toClaim(attributes, name);
    case 'leases':
      return toLease(attributes, node);
    case 'csinodes':
      return attributes.operation === 'CREATE' && attributes.object?.metadata.name !== node
        ? 'can only access CSINode with the same name as the requesting node'
        : undefined;
    default:
      return undefined;
  }
}

function toPod(
  attributes: AdmissionAttributes,
  name: string,
  node: string,
  context: AdmissionContext,
): Objection {
  const { subresource, operation, namespace } = attributes;
  const old = attributes.oldObject as Pod | undefined;
  switch (subresource) {
    case '':
      if (operation === 'CREATE') return toMirrorPod(attributes.object as Pod, name, node, context);
      if (operation === 'DELETE') {
        if (old === undefined) return notFound('pods', attributes.name);
        return old.spec.nodeName === node
          ? undefined
          : `node ${name} can only delete pods with spec.nodeName set to itself`;
      }
      return `unexpected operation "${operation}", node ${name} can only create and delete mirror pods`;
    case 'status':
      if (operation !== 'UPDATE') return `unexpected operation "${operation}"`;
      if (old?.spec.nodeName !== node)
        return `node ${name} can only update pod status for pods with spec.nodeName set to itself`;
      return same(old.metadata.labels ?? {}, attributes.object?.metadata.labels ?? {})
        ? undefined
        : `node ${name} cannot update labels through pod status`;
    case 'eviction': {
      const pod = context.view('pods').objects.get(`${namespace}/${attributes.name}`) as Pod | undefined;
      if (pod === undefined) return notFound('pods', attributes.name);
      return pod.spec.nodeName === node
        ? undefined
        : `node ${node} can only evict pods with spec.nodeName set to itself`;
    }
    default:
      return `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`;
  }
}

const mirror = 'kubernetes.io/config.mirror';

function toMirrorPod(pod: Pod, name: string, node: string, context: AdmissionContext): Objection {
  if (pod.metadata.annotations?.[mirror] === undefined)
    return `pod does not have "${mirror}" annotation, node ${name} can only create mirror pods`;
  if (pod.spec.nodeName !== node) return `node ${name} can only create pods with spec.nodeName set to itself`;
  return notOwnedBy(pod, name, node, context) ?? notAlone(pod, name);
}

function notOwnedBy(pod: Pod, name: string, node: string, context: AdmissionContext): Objection {
  const [owner, ...others] = pod.metadata.ownerReferences ?? [];
  if (others.length > 0)
    return `node ${name} can only create pods with a single owner reference set to itself`;
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `node ${name} can only create pods with an owner reference set to itself`;
  if (owner.controller !== true)
    return `node ${name} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true)
    return `node ${name} must not set blockOwnerDeletion on an owner reference`;
  const found = context.view('nodes').objects.get(node);
  if (found === undefined) return notFound('nodes', node);
  return owner.uid === found.metadata.uid
    ? undefined
    : `node ${node} UID mismatch: expected ${owner.uid} got ${found.metadata.uid}`;
}

/** A mirror Pod may name no other object. */
function notAlone(pod: Pod, name: string): string | undefined {
  const refusal = (what: string): string => `node ${name} can not create pods that reference ${what}`;
  if ((pod.spec.serviceAccountName ?? '') !== '') return refusal('a service account');
  if (namesAnySecret(pod)) return refusal('secrets');
  if (namesAnyConfigMap(pod)) return refusal('configmaps');
  const volumes = pod.spec.volumes ?? [];
  return volumes.some((volume) => volume.persistentVolumeClaim !== undefined)
    ? refusal('persistentvolumeclaims')
    : undefined;
}

function toNode(attributes: AdmissionAttributes, name: string, node: string): Objection {
  const next = attributes.object as Node | undefined;
  const old = attributes.oldObject as Node | undefined;
  const asked = attributes.name === '' ? next?.metadata.name : attributes.name;
  if (asked !== node) return `node ${name} is not allowed to modify node ${JSON.stringify(asked ?? '')}`;
  if (next === undefined) return undefined;
  const isNew = attributes.operation === 'CREATE';
  if (!isNew && !same(next.spec?.taints ?? [], old?.spec?.taints ?? []))
    return `node ${name} is not allowed to modify taints`;
  const forbidden = changedLabels(
    next.metadata.labels ?? {},
    (isNew ? undefined : old?.metadata.labels) ?? {},
  )
    .filter(isForbiddenLabel)
    .join(', ');
  if (forbidden === '') return undefined;
  return isNew
    ? `node ${name} is not allowed to set the following labels: ${forbidden}`
    : `is not allowed to modify labels: ${forbidden}`;
}

type Labels = Readonly<Record<string, string>>;

const changedLabels = (next: Labels, old: Labels): readonly string[] =>
  [...new Set([...Object.keys(next), ...Object.keys(old)])].filter((key) => next[key] !== old[key]).sort();

function isForbiddenLabel(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash < 0 ? '' : key.slice(0, slash);
  if (isIn(domain, 'node-restriction.kubernetes.io')) return true;
  return (isIn(domain, 'kubernetes.io') || isIn(domain, 'k8s.io')) && !isKubeletLabel(key, domain);
}

const isIn = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);

/** (k8s.io/kubelet/pkg/apis/well_known_labels.go) */
const kubeletLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'node.kubernetes.io/windows-build',
]);

const isKubeletLabel = (key: string, domain: string): boolean =>
  kubeletLabels.has(key) || isIn(domain, 'kubelet.kubernetes.io') || isIn(domain, 'node.kubernetes.io');

function toClaim(attributes: AdmissionAttributes, name: string): Objection {
  const { subresource, operation } = attributes;
  if (subresource !== 'status') return undefined;
  if (operation !== 'UPDATE') return `unexpected operation "${operation}"`;
  const next = withoutOwnStatus(attributes.object as PersistentVolumeClaim);
  const old = withoutOwnStatus(attributes.oldObject as PersistentVolumeClaim);
  return same(next, old)
    ? undefined
    : `node ${name} is not allowed to update fields other than status.capacity and status.conditions`;
}

const withoutOwnStatus = ({ metadata, spec, status }: PersistentVolumeClaim): object => ({
  metadata: { ...metadata, resourceVersion: '', managedFields: undefined },
  spec,
  status: {
    ...status,
    capacity: undefined,
    conditions: undefined,
    allocatedResources: undefined,
    allocatedResourceStatuses: undefined,
  },
});

function toLease({ namespace, operation, object, name }: AdmissionAttributes, node: string): Objection {
  if (namespace !== 'kube-node-lease')
    return 'can only access leases in the "kube-node-lease" system namespace';
  const lease = operation === 'CREATE' ? object?.metadata.name : name;
  return lease === node ? undefined : 'can only access node lease with the same name as the requesting node';
}
