/**
 * What a client is told beside the answer: what it wrote is accepted and will not do what it seems to. A kind without a row
 * warns of nothing. (kubernetes v1.34.1 pkg/registry, WarningsOnCreate and WarningsOnUpdate of the strategy.go of each kind)
 */
import type * as types from '../generated/types.ts';
import { dns1123LabelErrors } from '../../text/label-format.ts';
import type { Resource } from '../object.ts';
import type { KnownResource, ObjectOf } from '../object-of.ts';
import type { NewObject } from '../request.ts';
import { endpointSliceWarnings, ingressWarnings, networkPolicyWarnings, serviceWarnings } from './network.ts';
import { templateWarnings, podWarnings } from './pod.ts';
import { claimSpecWarnings, claimWarnings, storageClassWarnings, volumeWarnings } from './storage.ts';

interface Warnings<T> {
  readonly create: (object: T) => readonly string[];
  /** Absent: an update warns of nothing. */
  readonly update?: (next: T, before: T) => readonly string[];
}

const hostnames = 'Pod names and hostnames';

/** A name that its Pods cannot have for a host name as it is. */
function nameWarnings({ name }: types.ObjectMeta, use: string): readonly string[] {
  const wrong = dns1123LabelErrors(name);
  if (wrong.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
  ];
}

interface Workload {
  readonly metadata: types.ObjectMeta;
  readonly spec: { readonly template?: types.PodTemplateSpec | undefined };
}

const ofTemplate = ({ spec }: Workload): readonly string[] =>
  templateWarnings('spec.template', spec.template);

/** Only what changes what the object is for can be new in it. */
const ifChanged =
  <T extends Workload>(warn: (object: T) => readonly string[]) =>
  (next: T, before: T): readonly string[] =>
    next.spec === before.spec ? [] : warn(next);

const workload: Warnings<Workload> = {
  create: (object) => [...nameWarnings(object.metadata, hostnames), ...ofTemplate(object)],
  update: ifChanged(ofTemplate),
};

const statefulSetWarnings = (set: types.StatefulSet): readonly string[] => [
  ...ofTemplate(set),
  ...(set.spec.volumeClaimTemplates ?? []).flatMap((claim, i) =>
    claimSpecWarnings(`spec.volumeClaimTemplates[${i}].spec`, claim.spec),
  ),
  ...((set.spec.revisionHistoryLimit ?? 0) < 0
    ? [
        'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
      ]
    : []),
];

/** Past both the indexes that failed may not fit into the status. */
const manyCompletions = 100_000;
const manyParallel = 10_000;

function jobSpecWarnings(field: string, spec: types.JobSpec): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const isTooMuch =
    completionMode === 'Indexed' && completions > manyCompletions && parallelism > manyParallel;
  return [
    ...(isTooMuch
      ? [
          `${field}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
        ]
      : []),
    ...templateWarnings(`${field}.template`, template),
  ];
}

const jobWarnings = ({ spec }: types.Job): readonly string[] => jobSpecWarnings('spec', spec);

const cronJobWarnings = ({ spec }: types.CronJob): readonly string[] =>
  spec.jobTemplate.spec === undefined ? [] : jobSpecWarnings('spec.jobTemplate.spec', spec.jobTemplate.spec);

function nodeWarnings({ spec }: types.Node): readonly string[] {
  return [
    ...(spec.configSource === undefined ? [] : ['spec.configSource: the feature is removed']),
    ...((spec.externalID ?? '') === ''
      ? []
      : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
  ];
}

/** Whether there is a certificate and a key is seen; whether they are right, and belong together, is not. */
function secretWarnings({ type, data = {} }: types.Secret): readonly string[] {
  if (type !== 'kubernetes.io/tls') return [];
  for (const [key, what] of [
    ['tls.crt', 'certificate'],
    ['tls.key', 'key'],
  ] as const)
    if (!atob(data[key] ?? '').includes('-----BEGIN '))
      return [`tls: failed to find any PEM data in ${what} input`];
  return [];
}

const mountableSecrets = 'kubernetes.io/enforce-mountable-secrets';

const serviceAccountWarnings = ({ metadata }: types.ServiceAccount): readonly string[] =>
  metadata.annotations?.[mountableSecrets] === undefined
    ? []
    : [
        `metadata.annotations[${mountableSecrets}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
      ];

const warnings: { readonly [R in KnownResource]?: Warnings<ObjectOf[R]> } = {
  pods: {
    create: (pod) => [...nameWarnings(pod.metadata, "the Pod's hostname"), ...podWarnings(pod)],
  },
  podtemplates: {
    create: ({ template }) => templateWarnings('template', template),
    update: ({ template }) => templateWarnings('template', template),
  },
  replicationcontrollers: workload,
  replicasets: workload,
  deployments: workload,
  daemonsets: { create: ofTemplate, update: ifChanged(ofTemplate) },
  statefulsets: {
    create: statefulSetWarnings,
    update: ifChanged(statefulSetWarnings),
  },
  jobs: {
    create: (job) => [...nameWarnings(job.metadata, hostnames), ...jobWarnings(job)],
    update: ifChanged(jobWarnings),
  },
  cronjobs: {
    create: (job) => [...nameWarnings(job.metadata, hostnames), ...cronJobWarnings(job)],
    update: (next, before) => (next.spec === before.spec ? [] : cronJobWarnings(next)),
  },
  services: { create: serviceWarnings, update: serviceWarnings },
  endpointslices: {
    create: endpointSliceWarnings,
    update: endpointSliceWarnings,
  },
  ingresses: { create: ingressWarnings },
  networkpolicies: {
    create: networkPolicyWarnings,
    update: networkPolicyWarnings,
  },
  nodes: { create: nodeWarnings, update: nodeWarnings },
  secrets: { create: secretWarnings, update: secretWarnings },
  serviceaccounts: {
    create: serviceAccountWarnings,
    update: (next, before) =>
      next.metadata.annotations === before.metadata.annotations ? [] : serviceAccountWarnings(next),
  },
  persistentvolumeclaims: {
    create: claimWarnings,
    update: claimWarnings,
  },
  persistentvolumes: {
    create: volumeWarnings,
    update: volumeWarnings,
  },
  storageclasses: {
    create: storageClassWarnings,
    update: storageClassWarnings,
  },
};

const ofResource = new Map<string, Warnings<never>>(Object.entries(warnings));

const nothing: readonly string[] = [];

/** What the client is told of an object that is created. */
export const warningsOfCreate = (resource: Resource, object: NewObject): readonly string[] =>
  ofResource.get(resource)?.create(object as never) ?? nothing;

/** What the client is told of an update; of what stays as it was nothing is said. */
export function warningsOfUpdate(resource: Resource, next: NewObject, before: NewObject): readonly string[] {
  if (next === before) return nothing;
  return ofResource.get(resource)?.update?.(next as never, before as never) ?? nothing;
}
