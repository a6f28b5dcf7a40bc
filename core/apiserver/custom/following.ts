/** What a server does when its watch tells of definitions, or that the last instance of one is gone. */
import { resources } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import type { EtcdEvent } from '../../etcd/message.ts';
import type { VirtualTime } from '../../time/time.ts';
import { cacheAt, type ApiserverState, type ApiserverStep, type Ask } from '../state.ts';
import { followDefinition } from './serving.ts';
import { supervise } from './supervision.ts';

/** The place of the definitions' cache. */
export const definitionsPlace = resources.findIndex(
  ({ resource }) => resource === 'customresourcedefinitions',
);

const nameInKey = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** After events of definitions, or of custom resources: their definition may wait for the last of them to be gone. */
export function afterEvents(
  state: ApiserverState,
  place: number,
  events: readonly EtcdEvent<ApiObject>[],
  now: VirtualTime,
): ApiserverStep {
  if (place === definitionsPlace)
    return afterDefinitions(
      state,
      events.map(({ key }) => nameInKey(key)),
      now,
    );
  const { info, view } = cacheAt(state, place);
  return view.objects.size > 0 ? { state, requests: [] } : supervise(state, info.resource, now);
}

/** After a list of definitions, or of the instances of one. */
export function afterList(state: ApiserverState, place: number, now: VirtualTime): ApiserverStep {
  const { info, view } = cacheAt(state, place);
  if (place === definitionsPlace) return afterDefinitions(state, [...view.objects.objects.keys()], now);
  return info.custom === undefined ? { state, requests: [] } : supervise(state, info.resource, now);
}

/** The server serves what is defined, and its controllers look after the definitions. */
function afterDefinitions(state: ApiserverState, names: readonly string[], now: VirtualTime): ApiserverStep {
  let next = state;
  const requests: Ask[] = [];
  for (const name of names) {
    const followed = followDefinition(next, name);
    const supervised = supervise(followed.state, name, now);
    next = supervised.state;
    requests.push(...followed.requests, ...supervised.requests);
  }
  return { state: next, requests };
}
