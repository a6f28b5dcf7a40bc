/** What a client is told when its write is done. */
import type { ApiObject } from '../api/object.ts';
import { stampRevision } from '../api/object.ts';
import type { Status } from '../api/request.ts';
import { shown, versionAsked } from './custom/versions.ts';
import { answer, cacheAt, refuse, type ApiserverState, type ApiserverStep, type Write } from './state.ts';
import { returnsDeleted } from './strategy/strategy.ts';
import { scaleIn } from './verbs/scale.ts';

const success = (code: number, details?: Status['details']): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details === undefined ? {} : { details }),
  code,
});

const created = success(201);

/** The object is as the request wants it. */
export function answered(state: ApiserverState, write: Write, written: ApiObject): ApiserverStep {
  const { call, request, warnings } = write;
  if (request.verb === 'create')
    return answer(
      state,
      call,
      warnings.length === 0
        ? { ok: true, code: 201, status: created }
        : { ok: true, code: 201, status: created, warnings },
    );
  const { info } = cacheAt(state, write.cache);
  if (request.verb !== 'delete' && request.subresource === 'scale') {
    const scale = scaleIn(info, written, request.version);
    return 'code' in scale
      ? refuse(state, call, scale)
      : answer(state, call, { ok: true, code: 200, object: scale });
  }
  const object = shown(info, written, versionAsked(request));
  return answer(
    state,
    call,
    warnings.length === 0 ? { ok: true, code: 200, object } : { ok: true, code: 200, object, warnings },
  );
}

/** The object is gone since `revision`; `last` is what it was. */
export function answeredGone(
  state: ApiserverState,
  write: Write,
  last: ApiObject,
  revision: number,
): ApiserverStep {
  const { call, request } = write;
  const { info } = cacheAt(state, write.cache);
  // An update that emptied the finalizers answers what it would have written, at the revision before.
  if (request.verb === 'update' || request.verb === 'patch') return answered(state, write, last);
  if (request.verb === 'create') return answer(state, call, { ok: true, code: 201, status: created });
  if (returnsDeleted(info.resource))
    return answer(state, call, { ok: true, code: 200, object: stampRevision(last, revision) });
  const { name, uid } = last.metadata;
  const group = info.group === '' ? {} : { group: info.group };
  return answer(state, call, {
    ok: true,
    code: 200,
    status: success(200, { name, ...group, kind: info.plural, uid }),
  });
}
