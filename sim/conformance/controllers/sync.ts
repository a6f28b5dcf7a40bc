/** A controller's sync, stepped outside of its process: caches made of objects, and answers made on the spot. */
import { keyOf, type ApiObject, type Resource } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import { emptyView, withObject } from '../../../core/api/view.ts';
import { informersOf, type Informers } from '../../../core/client/informer.ts';
import type { News, Outcome, Sync } from '../../../core/controllers/controller.ts';
import type { VirtualTime } from '../../../core/time/time.ts';

/** The caches of a controller that has been told of these objects. */
export function cachesOf(objects: Readonly<Record<Resource, readonly ApiObject[]>>): Informers {
  const views = Object.entries(objects).map(([resource, all]) => {
    let view = emptyView(resource);
    for (const object of all) view = withObject(view, keyOf(object), object, 1);
    return view;
  });
  return informersOf(views);
}

export interface Ran<Memory> {
  readonly memory: Memory;
  readonly news: readonly News[];
  readonly outcome: Outcome<Memory>;
}

/** Runs a sync to its end, at one instant. */
export function runSync<Memory>(
  sync: Sync<Memory>,
  now: VirtualTime,
  answer: (request: ApiRequest) => ApiAnswer,
  first: Memory = undefined as Memory,
): Ran<Memory> {
  let memory = first;
  const said: News[] = [];
  let step = sync.next();
  while (step.done !== true) {
    const { requests, remember, news } = step.value;
    if (remember !== undefined) memory = remember(memory);
    said.push(...(news ?? []));
    step = sync.next({ answers: requests.map(answer), now });
  }
  const outcome = step.value;
  if (outcome.remember !== undefined) memory = outcome.remember(memory);
  said.push(...(outcome.news ?? []));
  return { memory, news: said, outcome };
}
