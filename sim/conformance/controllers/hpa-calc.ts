/**
 * hpa-calc: the replica calculator on one metric of each kind. Every field is compared: replicas, usage, utilization and
 * the error.
 */
import type { Pod } from '../../../core/api/generated/types.ts';
import {
  averageReplicas,
  resourceReplicas,
  valuePerPodReplicas,
  valueReplicas,
  type Calculation,
  type Circumstances,
  type Miscalculation,
} from '../../../core/controllers/horizontal/replica-calculator.ts';
import type { PodMetric, PodMetrics } from '../../../core/metrics/pod-metric.ts';
import { hour, second, timeText, type VirtualTime } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly input: {
    readonly kind:
      'resource' | 'rawResource' | 'pods' | 'object' | 'objectPerPod' | 'external' | 'externalPerPod';
    readonly resource: string;
    readonly currentReplicas: number;
    readonly tolerance: number;
    readonly cpuInitializationPeriodSeconds: number;
    readonly delayOfInitialReadinessSeconds: number;
    readonly targetUtilization?: number;
    readonly targetUsage?: number;
    readonly value?: number;
    readonly values?: readonly number[];
    readonly pods: readonly RecordedPod[];
  };
}

interface RecordedPod {
  readonly name: string;
  readonly phase: string;
  readonly ready: 'True' | 'False';
  readonly readyTransitionSecondsAfterStart: number;
  readonly startedSecondsAgo: number;
  /** 0: the container has no request. */
  readonly requestMilli: number;
  readonly deleting?: boolean;
  readonly metric?: {
    readonly value: number;
    readonly timestampSecondsAgo: number;
    readonly windowSeconds: number;
  };
}

/** Any time that is later than what is told in seconds ago. */
const now: VirtualTime = hour;

export const hpaCalcFamily = wholeCaseFamily('hpa-calc', (asked: Case) => {
  const answer = calculated(asked);
  return 'error' in answer
    ? { error: answer.error, replicas: 0, usage: 0, utilization: 0 }
    : { error: '', ...answer };
});

function calculated({ input }: Case): Calculation | Miscalculation {
  const { kind, resource, currentReplicas, tolerance, targetUsage = 0, value = 0, values = [] } = input;
  const around: Circumstances = {
    pods: input.pods.map((pod) => podOf(pod, resource)),
    currentReplicas,
    tolerance,
    warming: {
      cpuInitializationPeriod: input.cpuInitializationPeriodSeconds * second,
      delayOfInitialReadinessStatus: input.delayOfInitialReadinessSeconds * second,
    },
    now,
  };
  const sum = values.reduce((total, each) => total + each, 0);
  switch (kind) {
    case 'resource':
      return resourceReplicas(metricsOf(input.pods), resource, '', input.targetUtilization ?? 0, around);
    case 'rawResource':
      return averageReplicas(metricsOf(input.pods), resource, targetUsage, around);
    case 'pods':
      return averageReplicas(metricsOf(input.pods), '', targetUsage, around);
    case 'object':
      return valueReplicas(value, targetUsage, around);
    case 'external':
      return valueReplicas(sum, targetUsage, around);
    case 'objectPerPod':
      return valuePerPodReplicas(value, targetUsage, currentReplicas, around);
    case 'externalPerPod':
      return valuePerPodReplicas(sum, targetUsage, currentReplicas, around);
  }
}

function podOf(recorded: RecordedPod, resource: string): Pod {
  const started = now - recorded.startedSecondsAgo * second;
  const since = started + recorded.readyTransitionSecondsAfterStart * second;
  const requests = recorded.requestMilli === 0 ? {} : { [resource]: `${recorded.requestMilli}m` };
  return {
    metadata: {
      name: recorded.name,
      ...(recorded.deleting === true ? { deletionTimestamp: timeText(now) } : {}),
    },
    spec: { containers: [{ name: 'c', resources: { requests } }] },
    status: {
      phase: recorded.phase,
      startTime: timeText(started),
      conditions: [{ type: 'Ready', status: recorded.ready, lastTransitionTime: timeText(since) }],
    },
  } as unknown as Pod;
}

function metricsOf(pods: readonly RecordedPod[]): PodMetrics {
  const metrics: Record<string, PodMetric> = {};
  for (const { name, metric } of pods)
    if (metric !== undefined)
      metrics[name] = {
        value: metric.value,
        timestamp: now - metric.timestampSecondsAgo * second,
        window: metric.windowSeconds * second,
      };
  return metrics;
}
