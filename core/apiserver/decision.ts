/** What a write means for an object as it is: pure functions of the object and the request. */
import type { PodDisruptionBudget } from '../api/generated/types.ts';
import type { ResourceInfo } from '../api/kinds.ts';
import type { ApiObject } from '../api/object.ts';
import type { Status } from '../api/request.ts';
import { never } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import { cacheAt, type ApiserverState, type Write } from './state.ts';
import { decideBinding } from './verbs/binding.ts';
import { decideDelete } from './verbs/delete.ts';
import { decideEviction, decideToGo, deleteOptionsOf } from './verbs/eviction.ts';
import { decidePatch } from './verbs/patch.ts';
import { decideScale } from './verbs/scale.ts';
import { decideGiven } from './verbs/update.ts';

export type Decision =
  | ({ readonly do: 'put'; readonly object: ApiObject; readonly then: Write['then'] } & Warned)
  /** The key goes now; `answer` is what the client is shown. */
  | ({ readonly do: 'delete'; readonly answer: ApiObject } & Warned)
  /** Nothing would change: nothing is written. */
  | ({ readonly do: 'keep' } & Warned)
  /** A budget is written first, if it is still at the revision `before`; then it is decided again. */
  | { readonly do: 'budget'; readonly budget: PodDisruptionBudget; readonly before: number }
  | { readonly do: 'refuse'; readonly status: Status };

interface Warned {
  readonly warnings?: readonly string[];
}

/** One try of a write: whose it is, what this server knows, and when. */
export interface Attempt {
  readonly state: ApiserverState;
  readonly write: Write;
  readonly info: ResourceInfo;
  readonly now: VirtualTime;
}

export function decide(state: ApiserverState, write: Write, current: ApiObject, now: VirtualTime): Decision {
  const { request } = write;
  const { info } = cacheAt(state, write.cache);
  if (write.phase === 'remove') return { do: 'delete', answer: write.next ?? current };
  if (write.phase === 'delete')
    return decideDelete(info, current, request.verb === 'delete' ? request : deleteOptionsOf(request), now);
  switch (request.verb) {
    case 'update': {
      const attempt: Attempt = { state, write, info, now };
      return request.subresource === 'scale'
        ? decideScale(attempt, current, request.object)
        : decideGiven(attempt, current, request);
    }
    case 'patch':
      return decidePatch({ state, write, info, now }, current, request);
    case 'create':
      return request.subresource === 'binding'
        ? decideBinding(current, request, now)
        : write.phase === 'evict'
          ? decideToGo(current, request, now)
          : decideEviction(state, current, request, now);
    case 'delete':
      throw new Error('a deletion begins with its own phase');
    default:
      return never(request);
  }
}
