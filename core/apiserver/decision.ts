/** What a write means for an object as it is: pure functions of the object and the request. */
import type { PodDisruptionBudget } from '../api/generated/types.ts';
import type { ResourceInfo } from '../api/kinds.ts';
import type { ApiObject } from '../api/object.ts';
import type { Status } from '../api/request.ts';
import { never } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import { admissionOfChange, refused } from './admission/admission.ts';
import type { Operation } from './admission/plugin.ts';
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
  const attempt: Attempt = { state, write, info, now };
  if (write.phase === 'delete') {
    if (request.verb !== 'delete') return decideDelete(info, current, deleteOptionsOf(request), now);
    return refusedAs(attempt, current, 'DELETE', '', undefined) ?? decideDelete(info, current, request, now);
  }
  switch (request.verb) {
    case 'update':
      return request.subresource === 'scale'
        ? decideScale(attempt, current, request.object)
        : decideGiven(attempt, current, request);
    case 'patch':
      return decidePatch(attempt, current, request);
    case 'create': {
      if (write.phase === 'evict') return decideToGo(current, request, now);
      const { subresource = '', object } = request;
      const refusal = refusedAs(attempt, current, 'CREATE', subresource, object as ApiObject);
      if (refusal !== undefined) return refusal;
      return subresource === 'binding'
        ? decideBinding(current, request, now)
        : decideEviction(state, current, request, now);
    }
    case 'delete':
      throw new Error('a deletion begins with its own phase');
    default:
      return never(request);
  }
}

/** A refusal of a deletion, or of what is created of an object that is there; warnings of these are not told. */
function refusedAs(
  attempt: Attempt,
  current: ApiObject,
  operation: Operation,
  subresource: string,
  object: ApiObject | undefined,
): Decision | undefined {
  const { state } = attempt;
  const admission = admissionOfChange(state, attempt, operation, subresource, current);
  if (admission === undefined) return undefined;
  const status = refused(state, admission, object, []);
  return status === undefined ? undefined : { do: 'refuse', status };
}
