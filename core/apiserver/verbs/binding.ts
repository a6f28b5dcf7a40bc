/** `pods/binding`: the scheduler gives a Pod its node. (kubernetes v1.34.1 pkg/registry/core/pod/storage/storage.go) */
import type { Pod, PodCondition } from '../../api/generated/types.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import type { CreateRequest, NewObject, Status } from '../../api/request.ts';
import { badRequest, conflict, plainError } from '../../api/status.ts';
import { resourceNamed } from '../../api/kinds.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import type { Decision } from '../decision.ts';
import { unlessEmpty } from '../strategy/stored.ts';
import { uidConflict } from './update.ts';

interface Binding extends NewObject {
  readonly target?: { readonly kind?: string | undefined; readonly name?: string | undefined } | undefined;
}

/** What stands against a binding whatever Pod it is of. */
export function checkBinding(request: CreateRequest): Status | undefined {
  const { metadata, target } = request.object as Binding;
  if (metadata.name !== undefined && metadata.name !== request.name)
    return badRequest('name in URL does not match name in Binding object');
  if (target?.kind !== undefined && target.kind !== '' && target.kind !== 'Node')
    return plainError(
      `target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`,
    );
  if (target?.name === undefined || target.name === '') return plainError('target.name: Required value');
  return undefined;
}

/** The node and PodScheduled=True in one write; the generation stays. */
export function decideBinding(current: ApiObject, request: CreateRequest, now: VirtualTime): Decision {
  const pod = current as Pod;
  const { metadata, target } = request.object as Binding;
  const { name } = pod.metadata;
  const uid = metadata.uid ?? '';
  if (uid !== '' && uid !== pod.metadata.uid)
    return { do: 'refuse', status: uidConflict(pods(), current, uid) };
  const refusal = obstacle(pod);
  // The resource of this conflict is the subresource's. (assignPod)
  if (refusal !== undefined) return { do: 'refuse', status: conflict('pods/binding', name, refusal) };
  const { annotations, labels } = metadata;
  const object: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...pod.metadata,
      resourceVersion: '',
      annotations:
        annotations === undefined
          ? pod.metadata.annotations
          : unlessEmpty({ ...pod.metadata.annotations, ...annotations }),
      labels: labels === undefined ? pod.metadata.labels : unlessEmpty({ ...pod.metadata.labels, ...labels }),
    },
    spec: { ...pod.spec, nodeName: target?.name },
    status: { ...pod.status, conditions: scheduled(pod.status.conditions, now) },
  };
  return { do: 'put', object, then: 'answer' };
}

const pods = (): ResourceInfo => {
  const info = resourceNamed('pods');
  if (info === undefined) throw new Error('pods are a resource');
  return info;
};

function obstacle(pod: Pod): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  const { nodeName, schedulingGates } = pod.spec;
  if (deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (nodeName !== undefined && nodeName !== '')
    return `pod ${name} is already assigned to node "${nodeName}"`;
  if (schedulingGates !== undefined && schedulingGates.length > 0)
    return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

function scheduled(
  conditions: readonly PodCondition[] | undefined,
  now: VirtualTime,
): readonly PodCondition[] {
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: undefined,
    lastTransitionTime: timeText(now),
  };
  if (conditions === undefined) return [condition];
  const others = conditions.filter(({ type }) => type !== 'PodScheduled');
  return others.length === conditions.length
    ? [...conditions, condition]
    : conditions.map((old) => (old.type === 'PodScheduled' ? condition : old));
}
