/** L2: what an informer holds is what there is, once watches have had the time to begin again. */
import type { Pod } from '../../core/api/generated/types.ts';
import { resourceNamed } from '../../core/api/kinds.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { objectsIn } from '../../core/api/view.ts';
import type { Informer, Informers } from '../../core/client/informer.ts';
import { second, type Duration } from '../../core/time/time.ts';
import type { Simulation } from '../../sim/engine/simulation.ts';

/** A reflector waits up to 30 s and, with jitter, up to twice as long before it lists again. */
export const reflectorBackoff: Duration = 60 * second;

/** The informers that are not at the head, in words. `objects`: what etcd holds. */
export const informersBehind = (simulation: Simulation, objects: readonly ApiObject[]): readonly string[] =>
  simulation.processes().flatMap((process) => {
    const { informers } = simulation.stateOf(process) as { readonly informers?: Informers };
    return (informers?.list ?? []).flatMap((informer) =>
      behind(informer, objects).map((why) => `L2: ${process} ${informer.stream}: ${why}`),
    );
  });

/** The informers that do not watch, in words. */
export const informersAway = (simulation: Simulation): readonly string[] =>
  simulation.processes().flatMap((process) => {
    const { informers } = simulation.stateOf(process) as { readonly informers?: Informers };
    return (informers?.list ?? []).flatMap(({ stream, synced, phase }) =>
      synced && phase === 'watching' ? [] : [`L2: ${process} ${stream} is ${phase}`],
    );
  });

/** What one of them holds or misses wrongly. */
export function behind(
  { resource, scope, view }: Informer,
  objects: readonly ApiObject[],
): readonly string[] {
  const kind = resourceNamed(resource)?.kind;
  const concerns = (object: ApiObject): boolean =>
    object.kind === kind && (scope === undefined || (object as Pod).spec.nodeName === scope.term);
  const revisions = (all: Iterable<ApiObject>): ReadonlyMap<string, string> =>
    new Map([...all].filter(concerns).map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
  const [held, there] = [revisions(objectsIn(view)), revisions(objects)];
  return [
    ...[...there].flatMap(([uid, is]) =>
      held.get(uid) === is ? [] : [`${kind} ${uid} is at ${is}, and held at ${held.get(uid) ?? 'none'}`],
    ),
    ...[...held.keys()].filter((uid) => !there.has(uid)).map((uid) => `${kind} ${uid} is gone, and held`),
  ];
}
