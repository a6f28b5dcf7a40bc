/** Steps a controller's generator to its end, outside of any simulation: each request is answered at once. */
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import type { Ask, News, Reply } from '../../../core/controllers/controller.ts';
import type { VirtualTime } from '../../../core/time/time.ts';

export interface Played<Result> {
  readonly result: Result;
  /** The Events it reported, in order. */
  readonly news: readonly News[];
}

/** Plays a sync, or a part of one, whose requests are answered by `answer` in the order in which they are asked. */
export function play<Memory, Result>(
  sync: Generator<Ask<Memory>, Result, Reply>,
  now: VirtualTime,
  answer: (request: ApiRequest) => ApiAnswer,
): Played<Result> {
  const news: News[] = [];
  let step = sync.next();
  while (step.done !== true) {
    const answers = step.value.requests.map(answer);
    news.push(...(step.value.news ?? []));
    step = sync.next({ answers, now });
  }
  return { result: step.value, news };
}
