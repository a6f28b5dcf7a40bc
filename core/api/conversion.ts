/**
 * Between the versions a kind is served in. One version is stored (core/api/kinds.ts); an object of another is converted
 * when it comes in, and when it goes out. Only HorizontalPodAutoscalers have two.
 */
import { fromV1, toV1 } from './conversion/horizontal-pod-autoscaler.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from './generated/types.ts';
import type { NewObject } from './request.ts';

/** The object in the version it is stored in. Defaults come first: they are those of the version it was written in. */
export const toStoredVersion = (object: NewObject): NewObject =>
  object.apiVersion === 'autoscaling/v1' && object.kind === 'HorizontalPodAutoscaler'
    ? (fromV1(object as unknown as HorizontalPodAutoscalerV1) as unknown as NewObject)
    : object;

/** A stored object in a version it is served in. */
export const toVersion = (object: NewObject, apiVersion: string): NewObject =>
  apiVersion === 'autoscaling/v1' && object.kind === 'HorizontalPodAutoscaler'
    ? (toV1(object as unknown as HorizontalPodAutoscaler) as unknown as NewObject)
    : object;
