/**
 * A volume with a zone among its labels is used in that zone. (kubernetes v1.34.1 plugins/volumezone/volume_zone.go)
 */
import type { PersistentVolume } from '../../api/generated/types.ts';
import { claimsOf } from '../../api/pod-claims.ts';
import { claimNamed, isClaimOf, nameOf } from '../claims.ts';
import {
  unresolvable,
  type EnqueuePlugin,
  type FilterPlugin,
  type PreFilterResult,
  type Rejection,
} from '../framework.ts';

const name = 'VolumeZone';
const elsewhere = unresolvable(name, 'node(s) had no available volume zone');

/** The labels of old have a new name. */
const topologyLabels: readonly (readonly [label: string, now: string])[] = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
];

interface Zoned {
  readonly label: string;
  readonly now: string;
  readonly values: readonly string[];
}

export const volumeZone: FilterPlugin<readonly Zoned[]> & EnqueuePlugin = {
  name,
  bySpec: ({ volumes }) => volumes === undefined,
  preFilter(pod, { listers }): PreFilterResult<readonly Zoned[]> {
    if (pod.spec.volumes === undefined) return { outcome: 'skip' };
    const zoned: Zoned[] = [];
    const rejected = (reason: string): { outcome: 'reject'; rejection: Rejection } => ({
      outcome: 'reject',
      rejection: unresolvable(name, reason),
    });
    for (const { claim: claimName, ephemeral } of claimsOf(pod.spec, nameOf(pod))) {
      if (ephemeral) continue;
      const claim = claimNamed(listers, pod.namespace, claimName);
      if (claim === undefined) return rejected(`persistentvolumeclaim "${claimName}" not found`);
      const { volumeName = '', storageClassName = '' } = claim.spec;
      if (volumeName === '') {
        if (storageClassName === '')
          return rejected('PersistentVolumeClaim had no pv name and storageClass name');
        const storageClass = listers.storageClasses.objects.get(storageClassName);
        if (storageClass === undefined)
          return rejected(`storageclass.storage.k8s.io "${storageClassName}" not found`);
        if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') continue;
        return rejected('PersistentVolume had no name');
      }
      const volume = listers.volumes.objects.get(volumeName);
      if (volume === undefined) return rejected(`persistentvolume "${volumeName}" not found`);
      for (const [label, now] of topologyLabels) {
        const value = volume.metadata.labels?.[label];
        if (value !== undefined) zoned.push({ label, now, values: value.split('__') });
      }
    }
    return zoned.length === 0 ? { outcome: 'skip' } : { outcome: 'filter', state: zoned };
  },
  filter(_pod, { node }, zoned) {
    const labels = node?.metadata.labels ?? {};
    if (!topologyLabels.some(([label]) => labels[label] !== undefined)) return undefined;
    for (const { label, now, values } of zoned) {
      const value = labels[label] ?? labels[now];
      if (value === undefined || !values.includes(value)) return elsewhere;
    }
    return undefined;
  },
  mayHelp(event, pod) {
    switch (event.resource) {
      case 'Node':
        return event.action === 'Add' || event.action === 'UpdateNodeLabel';
      case 'PersistentVolumeClaim':
        return isClaimOf(pod, event.after);
      case 'PersistentVolume': {
        const { before, after } = event;
        return (
          before === undefined ||
          topologyLabels.some(([label]) => labelOf(before, label) !== labelOf(after, label))
        );
      }
      case 'StorageClass':
        return event.before === undefined && event.after.volumeBindingMode === 'WaitForFirstConsumer';
      default:
        return false;
    }
  },
};

const labelOf = ({ metadata }: PersistentVolume, label: string): string | undefined =>
  metadata.labels?.[label];
