/** What the server makes of a HorizontalPodAutoscaler. (kubernetes v1.34.1 pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go) */
import type { HorizontalPodAutoscalerSpec, HPAScalingRules } from '../../api/generated/types.ts';
import { mapField, omit } from '../../api/defaults/fill.ts';
import type { Fields, Stored } from './stored.ts';

/** The tolerance of a direction is behind a gate that is off (HPAConfigurableTolerance). */
export function withoutTolerance(object: Stored): Stored {
  const spec = object.spec as unknown as HorizontalPodAutoscalerSpec;
  const kept = mapField(spec, 'behavior', (behavior) =>
    mapField(mapField(behavior, 'scaleUp', steady), 'scaleDown', steady),
  );
  return kept === spec ? object : { ...object, spec: kept as unknown as Fields };
}

const steady = (rules: HPAScalingRules): HPAScalingRules =>
  rules.tolerance === undefined ? rules : omit(rules, 'tolerance');
