/**
 * What creating and updating mean for each kind: which fields the server sets or keeps, when the generation rises, how a
 * deletion treats dependents. A kind without a row has no more than metadata. (kubernetes v1.34.1 pkg/registry, the
 * strategy.go of each kind)
 */
import { same } from '../../api/merge-patch.ts';
import type { Resource } from '../../api/object.ts';
import { createDaemonSet, updateDaemonSet, withoutMaxUnavailable } from './apps.ts';
import { withoutTolerance } from './autoscaling.ts';
import { createJob } from './batch.ts';
import { withoutGatedAt } from './gates.ts';
import { createDefinition, updateDefinition } from './definition.ts';
import { withoutElection } from './lease.ts';
import { createNamespace, updateNamespace } from './namespace.ts';
import { createPod } from './pod.ts';
import { updateService } from './service-update.ts';
import { createClaim, createVolume } from './storage.ts';
import type { Fields, Stored } from './stored.ts';

export interface Strategy {
  /** When the generation rises; absent: the kind has none. */
  readonly generation?: 'spec' | 'spec or annotations' | 'content' | 'content or labels';
  /** The status of a new object; absent: what was given stays. */
  readonly status?: Fields;
  /** What else a new object is given. */
  readonly create?: (object: Stored) => Stored;
  /** What an update may not change. The status is kept already. */
  readonly update?: (next: Stored, current: Stored) => Stored;
  /** A deletion without a policy leaves the dependents behind. */
  readonly orphansByDefault?: true;
  /** The answer to a deletion that takes place at once is the object, not a Status. */
  readonly returnsDeleted?: true;
  /** An update must say which resourceVersion it is of. */
  readonly needsResourceVersion?: true;
}

/** Of what has its template where most have it. */
const template = withoutGatedAt('spec', 'template', 'spec');
const podSpec = withoutGatedAt('spec');
const cronTemplate = withoutGatedAt('spec', 'jobTemplate', 'spec', 'template', 'spec');
const plainTemplate = withoutGatedAt('template', 'spec');

const workload: Strategy = { generation: 'spec', status: {} };

const strategies: Readonly<Record<Resource, Strategy>> = {
  pods: { generation: 'spec', create: createPod, update: podSpec, returnsDeleted: true },
  namespaces: { create: createNamespace, update: updateNamespace },
  services: { status: { loadBalancer: {} }, update: updateService, returnsDeleted: true },
  replicationcontrollers: {
    generation: 'spec',
    status: { replicas: 0 },
    create: template,
    update: template,
    orphansByDefault: true,
  },
  replicasets: { generation: 'spec', status: { replicas: 0 }, create: template, update: template },
  deployments: { generation: 'spec or annotations', status: {}, create: template, update: template },
  statefulsets: {
    generation: 'spec',
    status: { replicas: 0, availableReplicas: 0 },
    create: (object) => withoutMaxUnavailable(template(object)),
    update: (next) => withoutMaxUnavailable(template(next)),
  },
  daemonsets: {
    generation: 'spec',
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    create: (object) => createDaemonSet(template(object)),
    update: (next, current) => updateDaemonSet(template(next), current),
  },
  jobs: {
    ...workload,
    create: (object) => createJob(template(object)),
    update: template,
    orphansByDefault: true,
  },
  cronjobs: { ...workload, create: cronTemplate, update: cronTemplate },
  horizontalpodautoscalers: {
    status: { desiredReplicas: 0 },
    create: withoutTolerance,
    update: withoutTolerance,
    needsResourceVersion: true,
  },
  poddisruptionbudgets: {
    generation: 'spec',
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    needsResourceVersion: true,
  },
  ingresses: { generation: 'spec', status: { loadBalancer: {} } },
  networkpolicies: { generation: 'spec' },
  endpointslices: { generation: 'content or labels' },
  persistentvolumeclaims: { status: { phase: 'Pending' }, create: createClaim, returnsDeleted: true },
  persistentvolumes: { create: createVolume, returnsDeleted: true },
  resourcequotas: { status: {}, returnsDeleted: true },
  serviceaccounts: { returnsDeleted: true },
  podtemplates: {
    generation: 'spec',
    create: plainTemplate,
    update: plainTemplate,
    returnsDeleted: true,
  },
  priorityclasses: { generation: 'spec' },
  ingressclasses: { generation: 'spec' },
  validatingadmissionpolicies: { generation: 'spec', status: {} },
  validatingadmissionpolicybindings: { generation: 'spec' },
  validatingwebhookconfigurations: { generation: 'content' },
  mutatingwebhookconfigurations: { generation: 'content' },
  customresourcedefinitions: {
    generation: 'spec',
    create: createDefinition,
    update: updateDefinition,
    needsResourceVersion: true,
  },
  leases: { create: withoutElection, update: withoutElection, needsResourceVersion: true },
};

const plain: Strategy = {};
const custom: Strategy = { needsResourceVersion: true };

/** A custom resource has a dot in its name. What else it has of a strategy, its definition says (custom/content.ts). */
export const strategyOf = (resource: Resource): Strategy =>
  strategies[resource] ?? (resource.includes('.') ? custom : plain);

export const returnsDeleted = (resource: Resource): boolean => strategyOf(resource).returnsDeleted === true;

/** The object as it is stored when it is created; its metadata is complete but for the generation. */
export function prepareForCreate(resource: Resource, object: Stored): Stored {
  const strategy = strategyOf(resource);
  const generation = strategy.generation === undefined ? object.metadata.generation : 1;
  const prepared: Stored = { ...object, metadata: { ...object.metadata, generation } };
  const fresh = strategy.status === undefined ? prepared : { ...prepared, status: strategy.status };
  return strategy.create === undefined ? fresh : strategy.create(fresh);
}

/** The object as it is stored when it is updated other than by its status. */
export function prepareForUpdate(
  resource: Resource,
  hasStatus: boolean,
  next: Stored,
  current: Stored,
): Stored {
  const strategy = strategyOf(resource);
  const kept = hasStatus ? { ...next, status: current.status } : next;
  const prepared = strategy.update === undefined ? kept : strategy.update(kept, current);
  if (!raisesGeneration(strategy, prepared, current)) return prepared;
  const generation = (current.metadata.generation ?? 0) + 1;
  return { ...prepared, metadata: { ...prepared.metadata, generation } };
}

function raisesGeneration({ generation }: Strategy, next: Stored, current: Stored): boolean {
  if (generation === undefined) return false;
  switch (generation) {
    case 'spec':
      return !same(next.spec, current.spec);
    case 'spec or annotations':
      return !same(next.spec, current.spec) || !same(next.metadata.annotations, current.metadata.annotations);
    case 'content':
      return !sameContent(next, current);
    case 'content or labels':
      return !same(next.metadata.labels, current.metadata.labels) || !sameContent(next, current);
  }
}

function sameContent(a: Stored, b: Stored): boolean {
  const left = a as unknown as Fields;
  const right = b as unknown as Fields;
  for (const field in left) if (field !== 'metadata' && !same(left[field], right[field])) return false;
  for (const field in right) if (field !== 'metadata' && !same(left[field], right[field])) return false;
  return true;
}
