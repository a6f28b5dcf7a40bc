/**
 * A node can attach only so many volumes of a CSI driver, as its CSINode says. Volumes in the tree that would be moved to
 * CSI are not counted. (kubernetes v1.34.1 plugins/nodevolumelimits/csi.go)
 */
import type { CSINode } from '../../api/generated/types.ts';
import { claimsOf } from '../../api/pod-claims.ts';
import { claimNamed, isClaimOf, nameOf } from '../claims.ts';
import {
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type FilterPlugin,
  type Listers,
  type PreFilterResult,
} from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

const name = 'NodeVolumeLimits';
const tooMany = unschedulable(name, 'node(s) exceed max volume count');

/** The driver of each volume by a name of its own: of a bound claim that of its volume, else that of its class. */
function addVolumes(pod: PodInfo, listers: Listers, drivers: Map<string, string>): string | undefined {
  for (const { claim: claimName } of claimsOf(pod.spec, nameOf(pod))) {
    const claim = claimNamed(listers, pod.namespace, claimName);
    if (claim === undefined) return `persistentvolumeclaim "${claimName}" not found`;
    const csi = listers.volumes.objects.get(claim.spec.volumeName ?? '')?.spec.csi;
    if (csi !== undefined) drivers.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    else {
      const provisioner = listers.storageClasses.objects.get(claim.spec.storageClassName ?? '')?.provisioner;
      if (provisioner !== undefined && (claim.spec.volumeName ?? '') === '')
        drivers.set(`${provisioner}/${pod.namespace}/${claimName}`, provisioner);
    }
  }
  return undefined;
}

export const nodeVolumeLimits: FilterPlugin<Listers> & EnqueuePlugin = {
  name,
  bySpec: ({ volumes }) => volumes === undefined,
  preFilter(pod, { listers }): PreFilterResult<Listers> {
    return pod.spec.volumes === undefined || claimsOf(pod.spec, nameOf(pod)).length === 0
      ? { outcome: 'skip' }
      : { outcome: 'filter', state: listers };
  },
  filter(pod, info, listers) {
    const wanted = new Map<string, string>();
    const problem = addVolumes(pod, listers, wanted);
    if (problem !== undefined) return unresolvable(name, problem);
    const drivers = listers.csiNodes.objects.get(info.name)?.spec.drivers ?? [];
    if (wanted.size === 0 || drivers.length === 0) return undefined;
    const attached = new Map<string, string>();
    for (const other of info.pods) addVolumes(other, listers, attached);
    for (const { name: driver, allocatable } of drivers) {
      if (allocatable?.count === undefined) continue;
      const isNew = (volume: string): boolean => wanted.get(volume) === driver && !attached.has(volume);
      const more = [...wanted.keys()].filter(isNew).length;
      const present = [...attached.values()].filter((other) => other === driver).length;
      if (more > 0 && present + more > allocatable.count) return tooMany;
    }
    return undefined;
  },
  mayHelp(event, pod) {
    switch (event.resource) {
      case 'Node':
        return event.action === 'Add';
      case 'CSINode':
        return event.before === undefined || mayAttachMore(event.before, event.after);
      case 'PersistentVolumeClaim':
        return event.action === 'Add' && isClaimOf(pod, event.after);
      case 'AssignedPod':
        return event.action === 'Delete' && claimsOf(event.before.spec, nameOf(event.before)).length > 0;
      default:
        return false;
    }
  },
};

/** A driver's limit has become higher, or is none any more. */
const mayAttachMore = (before: CSINode, after: CSINode): boolean =>
  before.spec.drivers.some(({ name: driver, allocatable }) => {
    const limit = after.spec.drivers.find((other) => other.name === driver)?.allocatable?.count;
    return allocatable?.count !== undefined && (limit === undefined || limit > allocatable.count);
  });
