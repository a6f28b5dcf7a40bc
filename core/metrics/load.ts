/**
 * The load of a cluster: for each metric what is asked of a workload over time. A Pod that is ready has its share of it;
 * one that runs and is not ready has none.
 */
import type { VirtualTime } from '../time/time.ts';
import { lastChange, type Demand } from './demand.ts';

/** Pods of one namespace: those of a workload that can be scaled, or those with these labels. */
export type PodsOf =
  | { readonly namespace: string; readonly resource: string; readonly name: string }
  | { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };

/** A resource that Pods use, or a metric that they have themselves. */
export interface PodLoad {
  readonly of: 'resource' | 'pods';
  /** `cpu`, `requests_per_second`. */
  readonly metric: string;
  readonly pods: PodsOf;
  /** The container that uses the resource. Absent: the first. */
  readonly container?: string | undefined;
  /** Milli-units that each Pod uses besides its share. */
  readonly perPod: number;
  /** Milli-units that no Pod goes beyond. Absent: its limit of the resource, where it has one. */
  readonly most?: number | undefined;
  readonly demand: Demand;
}

/** A metric that an object has: hits of an Ingress. */
export interface ObjectLoad {
  readonly of: 'object';
  readonly metric: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly demand: Demand;
}

/** A metric of something that is not in the cluster: the length of a queue. */
export interface ExternalLoad {
  readonly of: 'external';
  readonly metric: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly demand: Demand;
}

export type Load = PodLoad | ObjectLoad | ExternalLoad;

/** When the last of the loads has become what it stays. */
export const loadIsSteadyFrom = (loads: readonly Load[]): VirtualTime =>
  loads.reduce((last, { demand }) => Math.max(last, lastChange(demand)), 0);
