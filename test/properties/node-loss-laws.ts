/** L5: what becomes of the Pods of a node that is gone for good, and by when. */
import type { Deployment, EndpointSlice, Pod } from '../../core/api/generated/types.ts';
import { controllerOf, type ApiObject } from '../../core/api/object.ts';
import { isPodReady } from '../../core/api/pod.ts';
import { second, type Duration } from '../../core/time/time.ts';

/** A kubelet that died, and when. */
export interface Loss {
  readonly node: string;
  readonly at: number;
}

/** Silence of 50 s is found out by a look every 5 s; slices are written a second later at most, and proxies told. */
export const endpointsGoneAfter: Duration = (50 + 5 + 1 + 1) * second;

/**
 * A node of a zone gets its taint up to 10 s after the one before it; the Pods bear it for 300 s. Then others are made, placed,
 * and started (`start`).
 */
export const replacedAfter = (rank: number, start: Duration): Duration =>
  (50 + 5 + 10 * rank + 300 + 2) * second + start;

/** Endpoints that lead to a lost node, in words. */
export const leadingAstray = (
  slices: readonly EndpointSlice[],
  lost: ReadonlySet<string>,
): readonly string[] =>
  slices.flatMap(({ metadata, endpoints }) =>
    endpoints
      .filter(({ nodeName, conditions }) => lost.has(nodeName ?? '') && conditions?.ready !== false)
      .map(({ addresses, nodeName }) => `L5: ${metadata.name} leads to ${addresses[0]} on ${nodeName}`),
  );

/** Deployments that have fewer Pods ready than they want, or count on one of a lost node, in words. */
export function unreplaced(objects: readonly ApiObject[], lost: ReadonlySet<string>): readonly string[] {
  const of = <T extends ApiObject>(kind: string): readonly T[] =>
    objects.filter((object) => object.kind === kind) as unknown as readonly T[];
  const stays = of<Pod>('Pod').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return [
    ...of<Deployment>('Deployment').flatMap(({ metadata, spec }) => {
      const wanted = spec.replicas ?? 1;
      const ready = stays.filter(
        (pod) =>
          pod.metadata.labels?.['app'] === metadata.name &&
          isPodReady(pod) &&
          !lost.has(pod.spec.nodeName ?? ''),
      ).length;
      return ready === wanted
        ? []
        : [`L5: Deployment ${metadata.name} wants ${wanted}, and ${ready} are ready`];
    }),
    ...stays
      .filter((pod) => lost.has(pod.spec.nodeName ?? '') && controllerOf(pod)?.kind === 'ReplicaSet')
      .map(({ metadata, spec }) => `L5: Pod ${metadata.name} is still meant to be on ${spec.nodeName}`),
  ];
}
