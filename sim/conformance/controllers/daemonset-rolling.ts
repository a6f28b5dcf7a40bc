/**
 * daemonset-rolling: what a DaemonSet would do on the same state to have its Pods where they belong, and to update them.
 * Every field is compared. Nodes to create on and Pods to delete were recorded in sorted order.
 */
import type { DaemonSet, IntOrString, Node, Pod } from '../../../core/api/generated/types.ts';
import { placementsOf } from '../../../core/controllers/daemon/placement.ts';
import {
  groupByNode,
  planNodes,
  planUpdate,
  type Change,
  type Situation,
} from '../../../core/controllers/daemon/plan.ts';
import { hashLabel } from '../../../core/controllers/daemon/pod.ts';
import { viewOf } from '../../../core/client/informer.ts';
import { hour, minute, second, timeText } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';
import { cachesOf } from './sync.ts';

interface RecordedPod {
  readonly name: string;
  readonly node: string;
  readonly createdMinutesAgo: number;
  /** `old-available`: the revision, and how it is. */
  readonly state: string;
}

interface Case {
  readonly maxSurge: IntOrString;
  readonly maxUnavailable: IntOrString;
  readonly minReadySeconds: number;
  readonly nodes: readonly { readonly name: string; readonly taint?: string }[];
  readonly pods: readonly RecordedPod[] | null;
}

export const daemonsetRollingFamily = wholeCaseFamily('daemonset-rolling', answerOf);

function answerOf(asked: Case): object {
  const situation = situationOf(asked);
  return {
    manage: shown(planNodes(situation, () => false)),
    rollingUpdate: shown(planUpdate(situation)),
  };
}

const shown = (change: Change | undefined): object => ({
  createOnNodes: [...(change?.create ?? [])].sort(),
  deletePods: (change?.remove ?? []).map(({ metadata }) => metadata.name).sort(),
});

const now = 10 * hour;
const creationTimestamp = timeText(0);

function situationOf({ maxSurge, maxUnavailable, minReadySeconds, nodes, pods }: Case): Situation {
  const template = { spec: { containers: [] } };
  const set: DaemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'ns', name: 'ds', uid: 'ds-uid', resourceVersion: '1', creationTimestamp },
    spec: {
      minReadySeconds,
      selector: {},
      template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    },
    status: {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    },
  };
  const caches = cachesOf({ nodes: nodes.map(nodeOf) });
  return {
    set,
    hash: 'new',
    nodes: placementsOf(template, viewOf(caches, 'nodes')),
    podsOn: groupByNode((pods ?? []).map(podOf)),
    now,
  };
}

const nodeOf = ({ name, taint }: Case['nodes'][number]): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp },
  spec: taint === undefined ? {} : { taints: [{ key: 'k', effect: taint }] },
  status: {},
});

/** How long a Pod has been ready, by its state. */
const readyFor: Readonly<Record<string, number>> = { available: hour, justready: 10 * second };

function podOf({ name, node, createdMinutesAgo, state }: RecordedPod): Pod {
  const [revision = '', how = ''] = state.split('-');
  const since = readyFor[how];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'ns',
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: timeText(now - createdMinutesAgo * minute),
      labels: { [hashLabel]: revision },
      ...(how === 'terminating' ? { deletionTimestamp: timeText(now) } : {}),
    },
    spec: { containers: [], nodeName: node },
    status: {
      phase: how === 'failed' ? 'Failed' : how === 'succeeded' ? 'Succeeded' : 'Running',
      conditions:
        since === undefined
          ? []
          : [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(now - since) }],
    },
  };
}
