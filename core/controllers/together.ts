/** Several parts of a sync at once, as goroutines do them: what they ask next is asked together. */
import type { ApiRequest } from '../api/request.ts';
import type { Ask, News, Reply } from './controller.ts';

/** Runs the parts to their ends, in lockstep. Answers with their results, in order. */
export function* together<Memory, Result>(
  parts: readonly Generator<Ask<Memory>, Result, Reply>[],
): Generator<Ask<Memory>, readonly Result[], Reply> {
  const steps = parts.map((part) => part.next());
  for (;;) {
    const asks = steps.map((step) => (step.done === true ? undefined : step.value));
    if (asks.every((ask) => ask === undefined)) break;
    const reply = yield joined(asks.filter((ask) => ask !== undefined));
    let from = 0;
    for (const [i, ask] of asks.entries()) {
      const part = parts[i];
      if (ask === undefined || part === undefined) continue;
      const answers = reply.answers.slice(from, from + ask.requests.length);
      from += ask.requests.length;
      steps[i] = part.next({ answers, now: reply.now });
    }
  }
  return steps.flatMap((step) => (step.done === true ? [step.value] : []));
}

function joined<Memory>(asks: readonly Ask<Memory>[]): Ask<Memory> {
  const requests: ApiRequest[] = [];
  const news: News[] = [];
  for (const ask of asks) {
    requests.push(...ask.requests);
    news.push(...(ask.news ?? []));
  }
  const remember = (memory: Memory): Memory =>
    asks.reduce((kept, ask) => ask.remember?.(kept) ?? kept, memory);
  return { requests, remember, news };
}
