/** What a controller knew when it decided: its caches, and the time, as they were when the sync began that asks for something. */
import type { ClientRequest } from '../../core/client/component.ts';
import type { Informers } from '../../core/client/informer.ts';
import type { ControllerManagerState, ControllerTag } from '../../core/controllers/manager.ts';
import { controllers } from '../../core/controllers/registry.ts';
import type { VirtualTime } from '../../core/time/time.ts';

export type SyncTag = Extract<ControllerTag, { readonly of: 'sync' }>;

export interface SyncView {
  readonly caches: Informers;
  readonly now: VirtualTime;
}

const places: Readonly<Record<string, number>> = Object.fromEntries(
  controllers.map(({ name }, place) => [name, place]),
);

/** Undefined: it is not asked for by a sync. */
export function syncTagOf(asked: ClientRequest<unknown>): SyncTag | undefined {
  const tag = asked.do === 'call' ? (asked.tag as ControllerTag) : undefined;
  return tag?.of === 'sync' ? tag : undefined;
}

export function syncViewOf(state: ControllerManagerState, { controller, key }: SyncTag): SyncView {
  const view = state.workers[places[controller] ?? -1]?.turns.get(key)?.context;
  if (view === undefined) throw new Error(`${controller} does not sync ${key}`);
  return view;
}
