/**
 * hpa-behavior: series of recommendations, and what becomes of each: the size that is asked for and the two conditions.
 * Every field is compared. A change of the size is stored as an event, as after a successful rescale. The recording was
 * made in the package's own test binary, which sets scaleUpLimitFactor to 8 (podautoscaler/horizontal_test.go, init);
 * a kube-controller-manager has 2. Its clock ran on while it measured: what is told to be 300 s ago is a moment more.
 */
import type { HorizontalPodAutoscalerBehavior } from '../../../core/api/generated/types.ts';
import { firstHistory, normalize, rescaled } from '../../../core/controllers/horizontal/stabilization.ts';
import { hour, microsecond, second } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly behavior: HorizontalPodAutoscalerBehavior | null;
  readonly downscaleStabilizationWindowSeconds: 300;
  readonly initialReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly steps: readonly { readonly advanceSeconds: number; readonly recommendation: number }[];
}

/** Between a step and the next, besides what is told. */
const moment = microsecond;

export const hpaBehaviorFamily = wholeCaseFamily('hpa-behavior', (asked: Case) => ({
  steps: stepsOf(asked),
}));

function stepsOf({ behavior, initialReplicas, minReplicas, maxReplicas, steps }: Case): readonly object[] {
  const given = behavior ?? undefined;
  const bounds = { min: minReplicas, max: maxReplicas, behavior: given, scaleUpLimitFactor: 8 };
  let [now, current] = [hour, initialReplicas];
  let history = firstHistory(current, now);
  return steps.map(({ advanceSeconds, recommendation }) => {
    now += advanceSeconds * second + moment;
    const before = current;
    const {
      replicas,
      able,
      limited,
      history: next,
    } = normalize(before, recommendation, bounds, history, now);
    history = replicas === before ? next : rescaled(next, given, before, replicas, now);
    current = replicas;
    return {
      advanceSeconds,
      recommendation,
      current: before,
      desired: replicas,
      conditions: {
        AbleToScale: `True ${able.reason}: ${able.message}`,
        ScalingLimited: `${limited.status} ${limited.reason}: ${limited.message}`,
      },
    };
  });
}
