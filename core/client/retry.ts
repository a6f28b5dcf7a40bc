/**
 * A request that the server puts off is asked again by the client itself, before the component hears of it.
 * (kubernetes v1.34.1 client-go/rest/with_retry.go IsNextRetry, request.go: maxRetries 10)
 */
import type { ApiAnswer } from '../api/request.ts';
import { second, type Duration } from '../time/time.ts';

const mostRetries = 10;

/** How long after the answer the request is sent again: as the server says. Undefined: the answer is final. */
export function retryDelay(answer: ApiAnswer, retries: number): Duration | undefined {
  if (answer.ok || retries >= mostRetries) return undefined;
  if (answer.code !== 429 && answer.code < 500) return undefined;
  const seconds = answer.status.details?.retryAfterSeconds ?? 0;
  return seconds > 0 ? seconds * second : undefined;
}
