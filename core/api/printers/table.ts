/**
 * The server-side Table: what an apiserver answers a client that wants to show objects to a person. Every kind has its
 * columns, and a row has all of them: the client leaves out what it has no room for. Ages are as of `now`.
 * (kubernetes v1.34.1 pkg/printers/internalversion/printers.go AddHandlers)
 */
import type { ResourceInfo } from '../kinds.ts';
import type { ApiObject, Resource } from '../object.ts';
import type { VirtualTime } from '../../time/time.ts';
import {
  bindingPrinter,
  serviceAccountPrinter,
  validatingAdmissionPolicyBindingPrinter,
  validatingAdmissionPolicyPrinter,
  webhookPrinter,
} from './access.ts';
import { horizontalPodAutoscalerPrinter, podDisruptionBudgetPrinter } from './autoscaling.ts';
import {
  configMapPrinter,
  eventPrinter,
  leasePrinter,
  namespacePrinter,
  nodePrinter,
  priorityClassPrinter,
  resourceQuotaPrinter,
  secretPrinter,
} from './cluster.ts';
import { name, printer, text, type Cell, type Column, type Printer, type RowCondition } from './column.ts';
import {
  endpointSlicePrinter,
  endpointsPrinter,
  ingressClassPrinter,
  ingressPrinter,
  networkPolicyPrinter,
  servicePrinter,
} from './network.ts';
import { podPrinter, podTemplatePrinter } from './pod.ts';
import {
  csiDriverPrinter,
  csiNodePrinter,
  persistentVolumeClaimPrinter,
  persistentVolumePrinter,
  storageClassPrinter,
} from './storage.ts';
import {
  controllerRevisionPrinter,
  cronJobPrinter,
  daemonSetPrinter,
  deploymentPrinter,
  jobPrinter,
  replicaSetPrinter,
  replicationControllerPrinter,
  statefulSetPrinter,
} from './workloads.ts';

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly RowCondition[];
  readonly object: ApiObject;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
}

/** The Table of objects of one kind. */
export const tableOf = (info: ResourceInfo, objects: readonly ApiObject[], now: VirtualTime): Table =>
  tableBy(printerOf(info), objects, now);

/** The Table of objects by a printer, such as that of a custom resource. */
export const tableBy = (of: Printer, objects: readonly ApiObject[], now: VirtualTime): Table => ({
  columns: of.columns,
  rows: objects.map((object) => {
    const conditions = of.conditions?.(object);
    return { cells: of.cells(object, now), ...(conditions === undefined ? {} : { conditions }), object };
  }),
});

/** How a kind is shown; one that Kubernetes has no columns for is shown by name and creation. */
export const printerOf = (info: ResourceInfo): Printer => printers.get(info.resource) ?? plainPrinter;

/** Roles, ClusterRoles, LimitRanges, CustomResourceDefinitions. (apiserver registry/rest/table.go) */
const plainPrinter: Printer = printer<ApiObject>([
  name,
  text('Created At', ({ metadata }) => metadata.creationTimestamp, { type: 'date' }),
]);

const printers: ReadonlyMap<Resource, Printer> = new Map([
  ['pods', podPrinter],
  ['podtemplates', podTemplatePrinter],
  ['replicationcontrollers', replicationControllerPrinter],
  ['replicasets', replicaSetPrinter],
  ['deployments', deploymentPrinter],
  ['statefulsets', statefulSetPrinter],
  ['daemonsets', daemonSetPrinter],
  ['controllerrevisions', controllerRevisionPrinter],
  ['jobs', jobPrinter],
  ['cronjobs', cronJobPrinter],
  ['horizontalpodautoscalers', horizontalPodAutoscalerPrinter],
  ['poddisruptionbudgets', podDisruptionBudgetPrinter],
  ['services', servicePrinter],
  ['endpoints', endpointsPrinter],
  ['endpointslices', endpointSlicePrinter],
  ['ingresses', ingressPrinter],
  ['ingressclasses', ingressClassPrinter],
  ['networkpolicies', networkPolicyPrinter],
  ['nodes', nodePrinter],
  ['namespaces', namespacePrinter],
  ['events', eventPrinter],
  ['configmaps', configMapPrinter],
  ['secrets', secretPrinter],
  ['leases', leasePrinter],
  ['priorityclasses', priorityClassPrinter],
  ['resourcequotas', resourceQuotaPrinter],
  ['persistentvolumes', persistentVolumePrinter],
  ['persistentvolumeclaims', persistentVolumeClaimPrinter],
  ['storageclasses', storageClassPrinter],
  ['csinodes', csiNodePrinter],
  ['csidrivers', csiDriverPrinter],
  ['serviceaccounts', serviceAccountPrinter],
  ['rolebindings', bindingPrinter],
  ['clusterrolebindings', bindingPrinter],
  ['mutatingwebhookconfigurations', webhookPrinter],
  ['validatingwebhookconfigurations', webhookPrinter],
  ['validatingadmissionpolicies', validatingAdmissionPolicyPrinter],
  ['validatingadmissionpolicybindings', validatingAdmissionPolicyBindingPrinter],
]);
