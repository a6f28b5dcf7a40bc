/** Aim: a request that was put off is sent again as client-go does it, and no other. Method: a table of answers. */
import { expect, test } from 'vitest';
import type { ApiAnswer, Status } from '../../../core/api/request.ts';
import { conflict, timeout, tooLargeResourceVersion, tooManyRequests } from '../../../core/api/status.ts';
import { retryDelay } from '../../../core/client/retry.ts';
import { second } from '../../../core/time/time.ts';

const failed = (status: Status): ApiAnswer => ({ ok: false, code: status.code, status });

const rows: readonly (readonly [
  what: string,
  answer: ApiAnswer,
  retries: number,
  seconds: number | undefined,
])[] = [
  ['a success is final', { ok: true, code: 200 }, 0, undefined],
  ['429 with Retry-After: when the server says', failed(tooManyRequests('busy', 1)), 0, 1],
  ['and however long that is', failed(tooManyRequests('busy', 10)), 3, 10],
  ['429 without it, as of a disruption budget, is final', failed(tooManyRequests('no', 0)), 0, undefined],
  ['504 with Retry-After', failed(tooLargeResourceVersion(9, 5)), 0, 1],
  ['504 without', failed(timeout('late')), 0, undefined],
  ['a conflict is for the component to solve', failed(conflict('pods', 'a')), 0, undefined],
  ['the tenth time is tried', failed(tooManyRequests('busy', 1)), 9, 1],
  ['an eleventh is not', failed(tooManyRequests('busy', 1)), 10, undefined],
];

test.each(rows)('%s', (_, answer, retries, seconds) => {
  expect(retryDelay(answer, retries)).toBe(seconds === undefined ? undefined : seconds * second);
});
