/** Defaults of HorizontalPodAutoscalers. (kubernetes v1.34.1 pkg/apis/autoscaling/v2/defaults.go and v1/defaults.go) */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  HPAScalingRules,
  MetricSpec,
} from '../generated/types.ts';
import { fill, mapField } from './fill.ts';

const defaultMetrics: readonly MetricSpec[] = [
  {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
  },
];

/** Doubling, or four Pods, every 15 seconds. */
const scaleUp: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

/** The window of a scale down is the controller's own setting. */
const scaleDown: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

export function withAutoscalerDefaults(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const result = mapField(autoscaler, 'spec', (given) => {
    const spec = fill(given, { minReplicas: 1, metrics: defaultMetrics });
    const some = (spec.metrics ?? []).length === 0 ? { ...spec, metrics: defaultMetrics } : spec;
    return mapField(some, 'behavior', (behavior) => {
      const whole = fill(behavior, { scaleUp, scaleDown });
      const up = mapField(whole, 'scaleUp', (rules) => fill(rules, scaleUp));
      return mapField(up, 'scaleDown', (rules) => fill(rules, scaleDown));
    });
  });
  return mapField(fill(result, { status: { desiredReplicas: 0 } }), 'status', (status) =>
    fill(status, { desiredReplicas: 0 }),
  );
}

const noReplicas = { currentReplicas: 0, desiredReplicas: 0 };

/** The metric that is aimed at without any other is a matter of conversion: annotations may hold some. */
export function withAutoscalerV1Defaults(autoscaler: HorizontalPodAutoscalerV1): HorizontalPodAutoscalerV1 {
  const result = mapField(autoscaler, 'spec', (spec) => fill(spec, { minReplicas: 1 }));
  return mapField(fill(result, { status: noReplicas }), 'status', (status) => fill(status, noReplicas));
}
