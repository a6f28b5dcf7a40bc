/**
 * What the default admission plugins make of a new object of the other kinds: TaintNodesByCondition, DefaultStorageClass.
 * (kubernetes v1.34.1 plugin/pkg/admission)
 */
import type { Node, PersistentVolumeClaim, StorageClass, Taint } from '../../api/generated/types.ts';
import { parseTimeText } from '../../time/time.ts';
import { objectsIn, type View } from '../../api/view.ts';

const notReady: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** A new node takes no Pods before the node controller has seen it ready. */
export function admitNode(node: Node): Node {
  const taints = node.spec?.taints ?? [];
  if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return node;
  return { ...node, spec: { ...node.spec, taints: [...taints, notReady] } };
}

const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class';

/** A claim that names no class gets the default one: of several the newest, then the first by name. */
export function admitClaim(
  claim: PersistentVolumeClaim,
  storageClasses: View<'storageclasses'>,
): PersistentVolumeClaim {
  if (claim.spec.storageClassName !== undefined) return claim;
  let found: StorageClass | undefined;
  for (const candidate of objectsIn(storageClasses))
    if (candidate.metadata.annotations?.[defaultClassAnnotation] === 'true')
      if (found === undefined || createdAt(candidate) > createdAt(found)) found = candidate;
  return found === undefined
    ? claim
    : { ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } };
}

const createdAt = (object: StorageClass): number => parseTimeText(object.metadata.creationTimestamp) ?? 0;
