import type { ApiAnswer } from '../../core/api/request.ts';

/** The answer to a request that got none: whether it has happened or not, the client cannot know. */
export function unreachable(why: string): ApiAnswer {
  return {
    ok: false,
    code: 0,
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'ServiceUnavailable',
      message: why,
      code: 503,
    },
  };
}
