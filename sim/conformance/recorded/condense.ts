/**
 * Objects in the condensed form of the recorder: what it looked at of each kind, so that a run is seen as a recording
 * was.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import { controllerOf, type ApiObject } from '../../../core/api/object.ts';

type Fields = Record<string, Json>;
type Tree = Readonly<Record<string, unknown>>;

const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
const listOf = (value: unknown): readonly Tree[] =>
  Array.isArray(value) ? value.map((item) => treeOf(item)) : [];
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

export function condensed(kind: string, object: ApiObject): Readonly<Record<string, Json>> {
  const fields: Fields = {};
  const { metadata } = object;
  if (kind !== 'Event') onMetadata(fields, object);
  const spec = treeOf((object as unknown as Tree)['spec']);
  const status = treeOf((object as unknown as Tree)['status']);
  const conditions = listOf(status['conditions']);
  if (conditions.length > 0) fields['conds'] = conditionsOf(conditions);
  const put = (name: string, value: unknown): void => {
    if (value !== undefined && value !== null) fields[name] = value as Json;
  };
  const map = (name: string, value: unknown): void => {
    if (Object.keys(treeOf(value)).length > 0) fields[name] = value as Json;
  };
  switch (kind) {
    case 'Pod':
      onPod(fields, spec, status);
      map('labels', metadata.labels);
      map('annotations', metadata.annotations);
      put('generateName', metadata.generateName);
      break;
    case 'Event':
      onEvent(fields, object as unknown as Tree);
      break;
    case 'Deployment':
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'StatefulSet':
      put('spec', spec['replicas']);
      fields['status'] = counters(status);
      if (kind !== 'StatefulSet') map('annotations', metadata.annotations);
      if (kind === 'ReplicaSet' || kind === 'ReplicationController') map('labels', metadata.labels);
      put('partition', treeOf(treeOf(spec['updateStrategy'])['rollingUpdate'])['partition']);
      break;
    case 'DaemonSet':
      fields['status'] = counters(status);
      put('templateGen', metadata.annotations?.['deprecated.daemonset.template.generation']);
      break;
    case 'Job':
      fields['status'] = jobStatus(status);
      put('suspend', spec['suspend']);
      break;
    case 'CronJob':
      fields['status'] = cronJobStatus(status);
      break;
    case 'ResourceQuota':
    case 'PodDisruptionBudget':
    case 'HorizontalPodAutoscaler':
      fields['status'] = counters(status);
      break;
    case 'ControllerRevision':
      put('revision', (object as unknown as Tree)['revision']);
      map('labels', metadata.labels);
      break;
    case 'Service':
      put('type', spec['type']);
      // The recorder put the same for an address and for none.
      if (spec['clusterIP'] !== undefined) fields['clusterIP'] = '<clusterip>';
      break;
    case 'Endpoints':
      map('labels', metadata.labels);
      onEndpoints(fields, object as unknown as Tree);
      break;
    case 'EndpointSlice':
      map('labels', metadata.labels);
      put('generateName', metadata.generateName);
      onSlice(fields, object as unknown as Tree);
      break;
    case 'PersistentVolumeClaim':
    case 'Namespace':
      put('phase', status['phase']);
      break;
    case 'Node':
      if (spec['unschedulable'] === true) fields['unschedulable'] = true;
      if (listOf(spec['taints']).length > 0)
        fields['taints'] = listOf(spec['taints']).map(
          (taint) => `${text(taint['key'])}:${text(taint['effect'])}`,
        );
      break;
  }
  return fields;
}

function onMetadata(fields: Fields, object: ApiObject): void {
  const { metadata } = object;
  const { generation, finalizers, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (generation !== undefined) fields['gen'] = generation;
  const owner = controllerOf(object);
  if (owner !== undefined) fields['owner'] = `${owner.kind}/${owner.name}`;
  if (finalizers !== undefined && finalizers.length > 0) fields['finalizers'] = finalizers;
  if (deletionTimestamp !== undefined)
    fields['deleting'] = `grace=${deletionGracePeriodSeconds ?? 'undefined'}`;
}

function conditionsOf(conditions: readonly Tree[]): readonly string[] {
  return conditions
    .map((condition) => {
      const reason = condition['reason'];
      const why = typeof reason === 'string' && reason !== '' ? `(${reason})` : '';
      return `${text(condition['type'])}=${text(condition['status'])}${why}`;
    })
    .sort();
}

function onPod(fields: Fields, spec: Tree, status: Tree): void {
  fields['phase'] = text(status['phase']);
  if (status['qosClass'] !== undefined) fields['qos'] = text(status['qosClass']);
  fields['tolerations'] = listOf(spec['tolerations']).map(tolerationText);
  for (const [name, value] of [
    ['node', spec['nodeName']],
    ['hostname', spec['hostname']],
    ['subdomain', spec['subdomain']],
    ['ip', status['podIP']],
    ['nominated', status['nominatedNodeName']],
    ['observedGeneration', status['observedGeneration']],
  ] as const)
    if (value !== undefined && value !== '') fields[name] = value as Json;
  const containers = listOf(status['containerStatuses']);
  if (containers.length > 0) fields['containers'] = containers.map(containerText);
}

const containerText = (container: Tree): string =>
  `${text(container['name'])}:ready=${text(container['ready'])},restarts=${text(container['restartCount'])},` +
  `${Object.keys(treeOf(container['state']))[0] ?? ''}`;

function tolerationText(toleration: Tree): string {
  const seconds = toleration['tolerationSeconds'];
  const until = seconds === undefined || seconds === null ? '' : `:${text(seconds)}s`;
  return `${text(toleration['key'])}:${text(toleration['effect'])}${until}`;
}

/** events.k8s.io's Events have a series where core ones have a count. */
function onEvent(fields: Fields, event: Tree): void {
  const about = treeOf(event['involvedObject']);
  const component = treeOf(event['source'])['component'];
  const reporter = event['reportingComponent'];
  fields['etype'] = text(event['type']);
  fields['reason'] = text(event['reason']);
  fields['obj'] = `${text(about['kind'])}/${text(about['name'])}`;
  fields['msg'] = text(event['message']);
  if (event['count'] !== undefined) fields['count'] = event['count'] as Json;
  fields['source'] = text(typeof component === 'string' && component !== '' ? component : reporter);
  const series = treeOf(event['series'])['count'];
  if (series !== undefined) fields['series'] = series as Json;
  if (typeof event['action'] === 'string' && event['action'] !== '') fields['action'] = event['action'];
}

/** A status without its conditions. */
function counters(status: Tree): Json {
  return Object.fromEntries(Object.entries(status).filter(([name]) => name !== 'conditions')) as Json;
}

function jobStatus(status: Tree): Json {
  const uncounted = status['uncountedTerminatedPods'];
  const { s, f } = {
    s: treeOf(uncounted)['succeeded'],
    f: treeOf(uncounted)['failed'],
  };
  const length = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
  const rest = counters(status) as Fields;
  return uncounted === undefined
    ? rest
    : { ...rest, uncountedTerminatedPods: { s: length(s), f: length(f) } };
}

function cronJobStatus(status: Tree): Json {
  const rest = counters(status) as Fields;
  const active = listOf(status['active']);
  return active.length === 0 ? rest : { ...rest, active: active.map((job) => text(job['name'])) };
}

const trigger = 'endpoints.kubernetes.io/last-change-trigger-time';

function onSlice(fields: Fields, slice: Tree): void {
  if (treeOf(treeOf(slice['metadata'])['annotations'])[trigger] !== undefined) fields['trigger'] = 'set';
  const endpoints = listOf(slice['endpoints']);
  if (endpoints.length > 0)
    fields['endpoints'] = endpoints.map((endpoint) => {
      const target = text(treeOf(endpoint['targetRef'])['name']);
      const { ready, serving, terminating } = treeOf(endpoint['conditions']);
      const conditions = JSON.stringify({ ready, serving, terminating });
      return `${target}@${text(endpoint['nodeName'])}:${conditions}:${text(endpoint['zone'])}`;
    });
  const ports = listOf(slice['ports']);
  if (ports.length > 0) fields['ports'] = ports.map((port) => portText(port));
}

const portText = (port: Tree): string =>
  `${text(port['name'] ?? '')}:${text(port['port'])}/${text(port['protocol'])}`;

function onEndpoints(fields: Fields, endpoints: Tree): void {
  const subsets = listOf(endpoints['subsets']);
  const names = (addresses: unknown): readonly string[] =>
    listOf(addresses).map((address) => text(treeOf(address['targetRef'])['name']));
  if (subsets.length === 0) return;
  fields['subsets'] = subsets.map((subset) => {
    const ready = names(subset['addresses']);
    const notReady = names(subset['notReadyAddresses']);
    return {
      ...(ready.length > 0 ? { ready } : {}),
      ...(notReady.length > 0 ? { notReady } : {}),
      ports: listOf(subset['ports']).map((port) => port['port'] as Json),
    };
  });
}
