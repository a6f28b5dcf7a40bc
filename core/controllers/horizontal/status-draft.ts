/** The status of an autoscaler while a sync is about to find out what it is, and the Events on the way. */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../api/generated/types.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import { news, type News } from '../controller.ts';

/** Lives for one sync, which is run again from its beginning where it was interrupted: nothing of it is kept. */
export class StatusDraft {
  readonly autoscaler: HorizontalPodAutoscaler;
  private conditions: readonly HorizontalPodAutoscalerCondition[];
  private counts: Partial<HorizontalPodAutoscalerStatus> | undefined;
  private told: News[] = [];

  constructor(autoscaler: HorizontalPodAutoscaler) {
    this.autoscaler = autoscaler;
    this.conditions = autoscaler.status.conditions ?? [];
  }

  event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.told.push(news(this.autoscaler, type, reason, message));
  }

  /** The Events since the last call. */
  takeNews(): readonly News[] {
    const told = this.told;
    this.told = [];
    return told;
  }

  /** A condition keeps its place, and its time while its status is the same. */
  condition(type: string, status: 'True' | 'False', reason: string, message: string, now: VirtualTime): void {
    const before = this.conditions.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timeText(now);
    const next = { type, status, lastTransitionTime, reason, message };
    this.conditions =
      before === undefined
        ? [...this.conditions, next]
        : this.conditions.map((condition) => (condition === before ? next : condition));
  }

  /** The size that the target has. What is not known anew is forgotten: the metrics. */
  observed(currentReplicas: number): void {
    const { desiredReplicas, lastScaleTime } = this.autoscaler.status;
    this.counts = {
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      desiredReplicas,
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    };
  }

  metrics(statuses: readonly MetricStatus[]): void {
    this.counts = { ...this.counts, currentMetrics: statuses };
  }

  desires(desiredReplicas: number): void {
    this.counts = { ...this.counts, desiredReplicas };
  }

  rescaled(desiredReplicas: number, now: VirtualTime): void {
    this.counts = { ...this.counts, desiredReplicas, lastScaleTime: timeText(now) };
  }

  /** Without a look at the target only the conditions are new. */
  status(): HorizontalPodAutoscalerStatus {
    const counts = this.counts ?? this.autoscaler.status;
    return { desiredReplicas: 0, ...counts, conditions: this.conditions };
  }
}
