/** Nodes, namespaces and what is kept about a cluster. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import type {
  ConfigMap,
  Event,
  Lease,
  Namespace,
  Node,
  PriorityClass,
  ResourceQuota,
  Secret,
} from '../generated/types.ts';
import type { VirtualTime } from '../../time/time.ts';
import { ageOf } from './age.ts';
import { age, boolean, integer, name, nameColumn, printer, text, wide, type Printer } from './column.ts';
import { none, orNone, quantityOrZero } from './format.ts';

export const namespacePrinter: Printer = printer<Namespace>([
  name,
  text('Status', ({ status }) => status.phase ?? ''),
  age,
]);

export const nodePrinter: Printer = printer<Node>([
  name,
  text('Status', nodeStatus),
  text('Roles', ({ metadata }) => orNone(rolesOf(metadata.labels ?? {}).join(','))),
  age,
  text('Version', ({ status }) => status.nodeInfo?.kubeletVersion ?? ''),
  wide('Internal-IP', (node) => addressOf(node, 'InternalIP')),
  wide('External-IP', (node) => addressOf(node, 'ExternalIP')),
  wide('OS-Image', ({ status }) => orUnknown(status.nodeInfo?.osImage)),
  wide('Kernel-Version', ({ status }) => orUnknown(status.nodeInfo?.kernelVersion)),
  wide('Container-Runtime', ({ status }) => orUnknown(status.nodeInfo?.containerRuntimeVersion)),
]);

/** Of several conditions of one type the last counts. */
function nodeStatus({ spec, status }: Node): string {
  const ready = (status.conditions ?? []).filter(({ type }) => type === 'Ready').at(-1);
  const health = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${health},SchedulingDisabled` : health;
}

const rolePrefix = 'node-role.kubernetes.io/';

function rolesOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const roles = Object.entries(labels).map(([key, value]) =>
    key.startsWith(rolePrefix) ? key.slice(rolePrefix.length) : key === 'kubernetes.io/role' ? value : '',
  );
  return [...new Set(roles.filter((role) => role !== ''))].sort();
}

const addressOf = ({ status }: Node, type: string): string =>
  (status.addresses ?? []).find((address) => address.type === type)?.address ?? none;

const orUnknown = (text: string | undefined): string =>
  text === undefined || text === '' ? '<unknown>' : text;

export const eventPrinter: Printer = printer<Event>([
  text('Last Seen', lastSeen),
  text('Type', ({ type }) => type ?? ''),
  text('Reason', ({ reason }) => reason ?? ''),
  text('Object', ({ involvedObject: { kind = '', name = '' } }) =>
    name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
  ),
  wide('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
  wide('Source', sourceOf),
  text('Message', ({ message = '' }) => message.trim()),
  wide('First Seen', firstSeen),
  wide('Count', ({ series, count = 0 }) =>
    series == null ? (count === 0 ? 1 : count) : (series.count ?? 0),
  ),
  { column: { ...nameColumn, priority: 1 }, cell: ({ metadata }) => metadata.name },
]);

function firstSeen({ firstTimestamp, eventTime }: Event, now: VirtualTime): string {
  return ageOf(firstTimestamp ?? eventTime, now);
}

function lastSeen(event: Event, now: VirtualTime): string {
  if (event.series != null) return ageOf(event.series.lastObservedTime, now);
  return event.lastTimestamp == null ? firstSeen(event, now) : ageOf(event.lastTimestamp, now);
}

function sourceOf({ source, reportingComponent = '', reportingInstance = '' }: Event): string {
  const component = firstOf(source?.component, reportingComponent);
  const host = firstOf(source?.host, reportingInstance);
  return host === '' ? component : `${component}, ${host}`;
}

const firstOf = (first: string | undefined, second: string): string =>
  first === undefined || first === '' ? second : first;

export const configMapPrinter: Printer = printer<ConfigMap>([
  name,
  text('Data', ({ data, binaryData }) => sizeOf(data) + sizeOf(binaryData)),
  age,
]);

export const secretPrinter: Printer = printer<Secret>([
  name,
  text('Type', ({ type }) => type ?? ''),
  text('Data', ({ data }) => sizeOf(data)),
  age,
]);

const sizeOf = (map: object | undefined): number => (map === undefined ? 0 : Object.keys(map).length);

export const leasePrinter: Printer = printer<Lease>([
  name,
  text('Holder', ({ spec }) => spec.holderIdentity ?? ''),
  age,
]);

export const priorityClassPrinter: Printer = printer<PriorityClass>([
  name,
  integer('Value', ({ value }) => value),
  boolean('Global-Default', ({ globalDefault }) => globalDefault ?? false),
  age,
  text('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
]);

export const resourceQuotaPrinter: Printer = printer<ResourceQuota>([
  name,
  text('Request', (quota) => usage(quota, false)),
  text('Limit', (quota) => usage(quota, true)),
  age,
]);

/** What is used of what there is: `limits.*` in one column, everything else in the other. */
const usage = ({ status: { hard = {}, used = {} } }: ResourceQuota, limits: boolean): string =>
  Object.keys(hard)
    .sort()
    .filter((resource) => resource.startsWith('limits.') === limits)
    .map((resource) => `${resource}: ${quantityOrZero(used[resource])}/${quantityOrZero(hard[resource])}`)
    .join(', ');
