/**
 * What a node has to do with an object: some Pod bound to it names the object, or names a claim whose volume it is.
 * (kubernetes v1.34.1 plugin/pkg/auth/authorizer/node/graph.go, pkg/api/v1/pod/util.go VisitPodSecretNames)
 */
import type { Container, PersistentVolume, Pod, Volume } from '../../api/generated/types.ts';
import { claimsOf } from '../../api/pod-claims.ts';
import type { View } from '../../api/view.ts';

export interface NodeGraphViews {
  readonly pods: View;
  readonly persistentVolumes: View;
}

export type RelatedKind =
  'pods' | 'secrets' | 'configmaps' | 'serviceaccounts' | 'persistentvolumeclaims' | 'persistentvolumes';

/** Whether there is a path from the object to the node. */
export function isRelated(
  views: NodeGraphViews,
  node: string,
  kind: RelatedKind,
  namespace: string,
  name: string,
): boolean {
  if (kind === 'pods') {
    const pod = views.pods.objects.get(`${namespace}/${name}`) as Pod | undefined;
    return pod?.spec.nodeName === node;
  }
  for (const object of views.pods.objects.valuesOf('node', node)) {
    const pod = object as unknown as Pod;
    // A mirror Pod is written by the kubelet, and must not open doors.
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) continue;
    if (names(views, pod, kind, namespace, name)) return true;
  }
  return false;
}

function names(
  views: NodeGraphViews,
  pod: Pod,
  kind: Exclude<RelatedKind, 'pods'>,
  namespace: string,
  name: string,
): boolean {
  if (kind === 'persistentvolumes')
    return claimedVolumes(views, pod).some((volume) => volume.metadata.name === name);
  if (pod.metadata.namespace !== namespace)
    return (
      kind === 'secrets' && claimedVolumes(views, pod).some((volume) => volumeUses(volume, namespace, name))
    );
  switch (kind) {
    case 'serviceaccounts':
      return pod.spec.serviceAccountName === name;
    case 'persistentvolumeclaims':
      return claimsOfPod(pod).includes(name);
    case 'configmaps':
      return usesConfigMap(pod, (found) => found === name);
    case 'secrets':
      return (
        usesSecret(pod, (found) => found === name) ||
        claimedVolumes(views, pod).some((volume) => volumeUses(volume, namespace, name))
      );
  }
}

const claimsOfPod = ({ metadata, spec }: Pod): readonly string[] =>
  claimsOf(spec, metadata.name).map(({ claim }) => claim);

/** The volumes that are bound to the Pod's claims. */
function claimedVolumes(views: NodeGraphViews, pod: Pod): readonly PersistentVolume[] {
  const claims = claimsOfPod(pod);
  if (claims.length === 0) return [];
  const found: PersistentVolume[] = [];
  views.persistentVolumes.objects.objects.scan(undefined, undefined, (_key, object) => {
    const volume = object as unknown as PersistentVolume;
    const claim = volume.spec.claimRef;
    if (claim?.namespace === pod.metadata.namespace && claims.includes(claim?.name ?? '')) found.push(volume);
  });
  return found;
}

/** The secrets a CSI or flex driver is handed on the node. */
function volumeUses(volume: PersistentVolume, namespace: string, name: string): boolean {
  const { csi, flexVolume } = volume.spec;
  const references = [
    csi?.controllerPublishSecretRef,
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
    flexVolume?.secretRef,
  ];
  return references.some((reference) => reference?.namespace === namespace && reference.name === name);
}

const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...((spec.ephemeralContainers ?? []) as readonly Container[]),
];

/** Whether a name is given and is one that is looked for. */
type Wanted = (name: string | undefined) => boolean;
const any: Wanted = (name) => name !== undefined;

export const namesAnySecret = (pod: Pod): boolean => usesSecret(pod, any);
export const namesAnyConfigMap = (pod: Pod): boolean => usesConfigMap(pod, any);

const usesSecret = (pod: Pod, is: Wanted): boolean =>
  (pod.spec.imagePullSecrets ?? []).some((reference) => is(reference.name)) ||
  containersOf(pod).some(
    ({ env, envFrom }) =>
      (env ?? []).some((variable) => is(variable.valueFrom?.secretKeyRef?.name)) ||
      (envFrom ?? []).some((source) => is(source.secretRef?.name)),
  ) ||
  (pod.spec.volumes ?? []).some((volume) => volumeNamesSecret(volume, is));

const volumeNamesSecret = (volume: Volume, is: Wanted): boolean =>
  is(volume.secret?.secretName) ||
  is(volume.azureFile?.secretName) ||
  is(volume.csi?.nodePublishSecretRef?.name) ||
  [
    volume.cephfs,
    volume.cinder,
    volume.flexVolume,
    volume.rbd,
    volume.scaleIO,
    volume.iscsi,
    volume.storageos,
  ].some((driver) => is(driver?.secretRef?.name)) ||
  (volume.projected?.sources ?? []).some((source) => is(source.secret?.name));

const usesConfigMap = (pod: Pod, is: Wanted): boolean =>
  containersOf(pod).some(
    ({ env, envFrom }) =>
      (env ?? []).some((variable) => is(variable.valueFrom?.configMapKeyRef?.name)) ||
      (envFrom ?? []).some((source) => is(source.configMapRef?.name)),
  ) ||
  (pod.spec.volumes ?? []).some(
    (volume) =>
      is(volume.configMap?.name) ||
      (volume.projected?.sources ?? []).some((source) => is(source.configMap?.name)),
  );
