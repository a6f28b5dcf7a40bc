/** The Pods, claims and revisions of a StatefulSet (kubernetes v1.34.1 pkg/controller/statefulset/stateful_set_utils.go). */
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
} from '../../api/generated/types.ts';
import type { NewObject } from '../../api/request.ts';
import {
  controllerRevisionHash,
  controllerRevisionName,
  revisionData,
} from '../../api/names/controller-revision.ts';
import { ownerReferenceTo } from '../replica-kind.ts';
import { ordinalOf, revisionLabel } from './plan.ts';

const hashLabel = 'controller.kubernetes.io/hash';

type Shaped = NewObject & {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
};

/** The Pod of an ordinal: its name is also its hostname, and its claims are its own. */
export function podOf(
  set: StatefulSet,
  template: PodTemplateSpec,
  ordinal: number,
  revision: string,
): Shaped {
  const name = `${set.metadata.name}-${ordinal}`;
  const volumes = volumesOf(set, ordinal, template.spec?.volumes);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: { ...template.metadata?.labels, ...identityLabels(name, ordinal), [revisionLabel]: revision },
      annotations: template.metadata?.annotations,
      finalizers: template.metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      subdomain: set.spec.serviceName,
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
  return pod;
}

const podNameLabel = 'statefulset.kubernetes.io/pod-name';

const identityLabels = (name: string, ordinal: number): Readonly<Record<string, string>> => ({
  [podNameLabel]: name,
  'apps.kubernetes.io/pod-index': `${ordinal}`,
});

/** The volumes of an ordinal: its claims, and what the template has beside them. */
function volumesOf(set: StatefulSet, ordinal: number, others: Volumes = []): Volumes {
  const claims = set.spec.volumeClaimTemplates ?? [];
  const names = new Set(claims.map((claim) => claim.metadata.name));
  return [
    ...claims.map((claim) => ({
      name: claim.metadata.name,
      persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
    })),
    ...others.filter((volume) => !names.has(volume.name)),
  ];
}

type Volumes = NonNullable<Pod['spec']['volumes']>;

/** A Pod that was adopted may lack the labels of its place (identityMatches). */
export const hasIdentity = (set: StatefulSet, { metadata }: Pod): boolean =>
  metadata.namespace === set.metadata.namespace && metadata.labels?.[podNameLabel] === metadata.name;

/** A Pod that was adopted may not use its claims (storageMatches). */
export const hasStorage = (set: StatefulSet, { metadata, spec }: Pod): boolean =>
  (set.spec.volumeClaimTemplates ?? []).every((claim) => {
    const volume = spec.volumes?.find(({ name }) => name === claim.metadata.name);
    const wanted = claimName(set, claim, ordinalOf(set, metadata.name));
    return volume?.persistentVolumeClaim?.claimName === wanted;
  });

export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const { name, labels } = pod.metadata;
  const identity = identityLabels(name, ordinalOf(set, name));
  return hasIdentity(set, pod)
    ? pod
    : { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...identity } } };
}

export const withStorage = (set: StatefulSet, pod: Pod): Pod =>
  hasStorage(set, pod)
    ? pod
    : {
        ...pod,
        spec: {
          ...pod.spec,
          volumes: volumesOf(set, ordinalOf(set, pod.metadata.name), pod.spec.volumes),
        },
      };

const claimName = (set: StatefulSet, claim: PersistentVolumeClaim, ordinal: number): string =>
  `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of an ordinal. They outlive their Pod, and the set itself. */
export const claimsOf = (set: StatefulSet, ordinal: number): readonly Shaped[] =>
  (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      annotations: template.metadata.annotations,
    },
    spec: template.spec,
  }));

/** A record of the set's template, named by a hash of it. */
export function revisionOf(
  set: StatefulSet,
  revision: number,
  collisionCount: number,
): Shaped & Pick<ControllerRevision, 'data'> {
  const data = revisionData(set.spec.template);
  const hash = controllerRevisionHash(data, collisionCount);
  const made = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: controllerRevisionName(set.metadata.name, hash),
      namespace: set.metadata.namespace,
      labels: { ...set.spec.template.metadata?.labels, [hashLabel]: hash },
      annotations: set.metadata.annotations,
      ownerReferences: [ownerReferenceTo(set)],
    },
    data,
    revision,
  };
  return made;
}

/** The template a revision records. */
export const templateOf = (revision: ControllerRevision): PodTemplateSpec | undefined => {
  const { template } = (
    revision.data as unknown as {
      readonly spec: { readonly template?: PodTemplateSpec };
    }
  ).spec;
  return template === undefined ? undefined : { metadata: template.metadata, spec: template.spec };
};
