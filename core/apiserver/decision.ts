/** What a write means for an object as it is: pure functions of the object and the request. */
import type { ApiObject } from '../api/object.ts';
import type { Status } from '../api/request.ts';
import { never } from '../reducer.ts';
import type { VirtualTime } from '../time/time.ts';
import { cacheAt, type ApiserverState, type Write } from './state.ts';
import { decideBinding } from './verbs/binding.ts';
import { decideDelete } from './verbs/delete.ts';
import { decideEviction, deleteOptionsOf } from './verbs/eviction.ts';
import { decidePatch } from './verbs/patch.ts';
import { decideScale } from './verbs/scale.ts';
import { decideUpdate } from './verbs/update.ts';

export type Decision =
  | { readonly do: 'put'; readonly object: ApiObject; readonly then: Write['then'] }
  /** The key goes now; `answer` is what the client is shown. */
  | { readonly do: 'delete'; readonly answer: ApiObject }
  /** Nothing would change: nothing is written. */
  | { readonly do: 'keep' }
  | { readonly do: 'refuse'; readonly status: Status };

export function decide(state: ApiserverState, write: Write, current: ApiObject, now: VirtualTime): Decision {
  const { request } = write;
  const { info } = cacheAt(state, write.cache);
  if (write.phase === 'remove') return { do: 'delete', answer: write.next ?? current };
  if (write.phase === 'delete')
    return decideDelete(info, current, request.verb === 'delete' ? request : deleteOptionsOf(request), now);
  switch (request.verb) {
    case 'update':
      return request.subresource === 'scale'
        ? decideScale(info, current, request.object)
        : decideUpdate(info, current, request.object, request.subresource);
    case 'patch':
      return decidePatch(info, current, request);
    case 'create':
      return request.subresource === 'binding'
        ? decideBinding(current, request, now)
        : decideEviction(current, request, now);
    case 'delete':
      throw new Error('a deletion begins with its own phase');
    default:
      return never(request);
  }
}
