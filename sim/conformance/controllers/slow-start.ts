/**
 * slow-start: how many calls a controller dares to make when the calls from a certain one on fail, and how many succeed.
 * Every field is compared. The batches are those of the controllers, asked step by step.
 */
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import { notFound } from '../../../core/api/status.ts';
import type { Ask, Reply } from '../../../core/controllers/controller.ts';
import { slowStartBatch } from '../../../core/controllers/slow-start.ts';
import { wholeCaseFamily } from '../family.ts';
import { play } from './play.ts';

interface Case {
  readonly count: number;
  readonly initialBatchSize: number;
  /** Calls from this one on fail, counted from 0; below 0 none does. */
  readonly failFromCall: number;
}

export const slowStartFamily = wholeCaseFamily(
  'slow-start',
  answerOf,
  ({ count, initialBatchSize, failFromCall }) =>
    `${count} calls, ${initialBatchSize} at first, failing from ${failFromCall}`,
);

type Batch = Generator<Ask<undefined>, readonly ApiAnswer[], Reply>;

const anyRequest: ApiRequest = { verb: 'get', resource: 'pods', namespace: 'default', name: 'any' };
const success: ApiAnswer = { ok: true, code: 200 };
const failure: ApiAnswer = { ok: false, code: 404, status: notFound('pods', 'any') };

function answerOf({ count, initialBatchSize, failFromCall }: Case): object {
  let calls = 0;
  const batches = slowStartBatch(count, initialBatchSize, function* (_, size): Batch {
    const { answers } = yield { requests: new Array<ApiRequest>(size).fill(anyRequest) };
    return answers.filter((answer) => !answer.ok);
  });
  const { successes, error } = play(batches, 0, () => {
    const call = calls++;
    return failFromCall >= 0 && call >= failFromCall ? failure : success;
  }).result;
  return { calls, successes, error: error !== undefined };
}
