/** What every API object is, and the words for finding one. */
import type * as types from './generated/types.ts';

/** Any API object: what the generic parts of the apiserver, the store and the clients know of it. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: types.ObjectMeta;
}

/** The type stored under each resource name. */
export interface ResourceTypes {
  readonly namespaces: types.Namespace;
  readonly nodes: types.Node;
  readonly pods: types.Pod;
  readonly services: types.Service;
  readonly endpoints: types.Endpoints;
  readonly endpointslices: types.EndpointSlice;
  readonly replicationcontrollers: types.ReplicationController;
  readonly replicasets: types.ReplicaSet;
  readonly deployments: types.Deployment;
  readonly statefulsets: types.StatefulSet;
  readonly daemonsets: types.DaemonSet;
  readonly jobs: types.Job;
  readonly cronjobs: types.CronJob;
  readonly controllerrevisions: types.ControllerRevision;
  readonly configmaps: types.ConfigMap;
  readonly secrets: types.Secret;
  readonly serviceaccounts: types.ServiceAccount;
  readonly persistentvolumeclaims: types.PersistentVolumeClaim;
  readonly persistentvolumes: types.PersistentVolume;
  readonly storageclasses: types.StorageClass;
  readonly csinodes: types.CSINode;
  readonly poddisruptionbudgets: types.PodDisruptionBudget;
  readonly horizontalpodautoscalers: types.HorizontalPodAutoscaler;
  readonly resourcequotas: types.ResourceQuota;
  readonly clusterroles: types.ClusterRole;
  readonly leases: types.Lease;
  readonly events: types.Event;
}

/** The plural name in a URL: `pods`, `replicasets`. Kinds that are not modelled have one too, hence any text. */
export type Resource = string;

/** `namespace/name`, or `name` alone where the resource has no namespaces. */
export type ObjectKey = string;

export const keyOf = (object: {
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string };
}): ObjectKey =>
  object.metadata.namespace === undefined
    ? object.metadata.name
    : `${object.metadata.namespace}/${object.metadata.name}`;

export const keyFor = (namespace: string | undefined, name: string): ObjectKey =>
  namespace === undefined ? name : `${namespace}/${name}`;

export function splitKey(key: ObjectKey): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The revision in a resourceVersion. */
export const revisionOf = (object: ApiObject): number => Number(object.metadata.resourceVersion);

/** The owner that manages the object, if one does. */
export function controllerOf(object: ApiObject): types.OwnerReference | undefined {
  const owners = object.metadata.ownerReferences;
  if (owners === undefined) return undefined;
  for (const owner of owners) if (owner.controller === true) return owner;
  return undefined;
}

/** What was stamped last, by the low bits of the revision: etcd stamps what it commits, then the apiserver what it answers. */
const remembered = 1024;
const sources = new Array<ApiObject | undefined>(remembered).fill(undefined);
const results = new Array<ApiObject | undefined>(remembered).fill(undefined);

/**
 * The object as read at `revision`: etcd keeps no resourceVersion in a value, every reader sets the key's mod revision.
 * The same object at the same revision is the same result, as long as it is remembered.
 */
export function stampRevision(object: ApiObject, revision: number): ApiObject {
  const slot = revision % remembered;
  const resourceVersion = `${revision}`;
  const known = results[slot];
  if (known !== undefined && sources[slot] === object && known.metadata.resourceVersion === resourceVersion)
    return known;
  const result = stamped(object, resourceVersion);
  sources[slot] = object;
  results[slot] = result;
  return result;
}

/**
 * Most of what is written is Pods and Events. Their copies are literals, every field by name: a copy made by spreading
 * takes twice the room, for as long as the revision is kept, and ten times the time.
 */
function stamped(object: ApiObject, resourceVersion: string): ApiObject {
  switch (object.kind) {
    case 'Pod':
      return stampedPod(object as types.Pod, metadataAt(object.metadata, resourceVersion));
    case 'Event':
      return stampedEvent(object as types.Event, metadataAt(object.metadata, resourceVersion));
    default:
      return { ...object, metadata: { ...object.metadata, resourceVersion } };
  }
}

function metadataAt(metadata: types.ObjectMeta, resourceVersion: string): types.ObjectMeta {
  if (hasOnlyName(metadata)) return plainMetadataAt(metadata, resourceVersion);
  return metadata.managedFields !== undefined || metadata.selfLink !== undefined
    ? { ...metadata, resourceVersion }
    : fullMetadataAt(metadata, resourceVersion);
}

/** Whether an object has nothing but its name and what every stored object has, as most Events. */
export const hasOnlyName = (metadata: types.ObjectMeta): boolean =>
  metadata.labels === undefined &&
  metadata.ownerReferences === undefined &&
  metadata.managedFields === undefined &&
  metadata.selfLink === undefined &&
  metadata.annotations === undefined &&
  metadata.generateName === undefined &&
  metadata.generation === undefined &&
  metadata.deletionTimestamp === undefined &&
  metadata.deletionGracePeriodSeconds === undefined &&
  metadata.finalizers === undefined;

const plainMetadataAt = (
  { name, namespace, uid, creationTimestamp }: types.ObjectMeta,
  resourceVersion: string,
): types.ObjectMeta => ({ name, namespace, uid, resourceVersion, creationTimestamp });

const fullMetadataAt = (metadata: types.ObjectMeta, resourceVersion: string): types.ObjectMeta => ({
  name: metadata.name,
  generateName: metadata.generateName,
  namespace: metadata.namespace,
  uid: metadata.uid,
  resourceVersion,
  generation: metadata.generation,
  creationTimestamp: metadata.creationTimestamp,
  deletionTimestamp: metadata.deletionTimestamp,
  deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
  labels: metadata.labels,
  annotations: metadata.annotations,
  ownerReferences: metadata.ownerReferences,
  finalizers: metadata.finalizers,
});

const stampedPod = (
  { apiVersion, kind, spec, status }: types.Pod,
  metadata: types.ObjectMeta,
): types.Pod => ({
  apiVersion,
  kind,
  metadata,
  spec,
  status,
});

/** An Event of the recorder's has nothing that only events.k8s.io/v1 knows. */
const stampedEvent = (event: types.Event, metadata: types.ObjectMeta): types.Event =>
  event.series === undefined && event.action === undefined && event.related === undefined
    ? recordedEvent(event, metadata)
    : fullEvent(event, metadata);

const recordedEvent = (event: types.Event, metadata: types.ObjectMeta): types.Event => ({
  apiVersion: event.apiVersion,
  kind: event.kind,
  metadata,
  involvedObject: event.involvedObject,
  reason: event.reason,
  message: event.message,
  source: event.source,
  firstTimestamp: event.firstTimestamp,
  lastTimestamp: event.lastTimestamp,
  count: event.count,
  type: event.type,
  eventTime: event.eventTime,
  reportingComponent: event.reportingComponent,
  reportingInstance: event.reportingInstance,
});

const fullEvent = (event: types.Event, metadata: types.ObjectMeta): types.Event => ({
  apiVersion: event.apiVersion,
  kind: event.kind,
  metadata,
  involvedObject: event.involvedObject,
  reason: event.reason,
  message: event.message,
  source: event.source,
  firstTimestamp: event.firstTimestamp,
  lastTimestamp: event.lastTimestamp,
  count: event.count,
  type: event.type,
  eventTime: event.eventTime,
  series: event.series,
  action: event.action,
  related: event.related,
  reportingComponent: event.reportingComponent,
  reportingInstance: event.reportingInstance,
});
