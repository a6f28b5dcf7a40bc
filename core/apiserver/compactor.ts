/**
 * The compactor: once an interval, whichever apiserver is first moves compact_rev_key on and has etcd forget what was
 * before the revision seen one interval ago. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/storage/etcd3/compact.go)
 */
import type { ApiObject } from '../api/object.ts';
import type { KvResponse } from '../etcd/message.ts';
import { ask, nothing, type ApiserverState, type ApiserverStep, type Ask } from './state.ts';

const compactRevKey = 'compact_rev_key';

/** The timer of the next round; none where etcd is not to be compacted. */
export function nextCompaction({ config }: ApiserverState): readonly Ask[] {
  if (config.compactionInterval === 0) return [];
  const tag = { of: 'compact', stage: 'timer' } as const;
  return [{ do: 'timer', tag, after: config.compactionInterval, background: true }];
}

/** Claims the round: only the server that knows the key's version may compact. */
export function compactNow(state: ApiserverState): ApiserverStep {
  const { version, revision } = state.compaction;
  return ask(state, {
    do: 'etcd',
    tag: { of: 'compact', stage: 'txn' },
    request: {
      type: 'txn',
      compare: [{ key: compactRevKey, target: 'VERSION', result: 'EQUAL', operand: version }],
      success: [{ type: 'put', key: compactRevKey, value: compactRevision(revision) }],
      failure: [{ type: 'range', key: compactRevKey }],
    },
  });
}

/** The key's value is a number in etcd; here it is written in an object's resourceVersion place: its name. */
const compactRevision = (revision: number): ApiObject => ({
  apiVersion: 'v1',
  kind: 'CompactRevision',
  metadata: { name: `${revision}`, uid: '', resourceVersion: '', creationTimestamp: '' },
});

export function onCompactAnswer(
  state: ApiserverState,
  stage: 'txn' | 'compact',
  response: KvResponse<ApiObject>,
): ApiserverStep {
  if (stage === 'compact') return nothing(state);
  const next = nextCompaction(state);
  if (response.type !== 'txn') return { state, requests: next };
  const known = { version: state.compaction.version + 1, revision: response.revision };
  if (!response.succeeded) {
    const range = response.responses[0];
    const version = range?.type === 'range' ? (range.kvs[0]?.version ?? 0) : 0;
    return { state: { ...state, compaction: { version, revision: response.revision } }, requests: next };
  }
  const before = state.compaction.revision;
  const compact: Ask = {
    do: 'etcd',
    tag: { of: 'compact', stage: 'compact' },
    request: { type: 'compact', revision: before },
  };
  return { state: { ...state, compaction: known }, requests: before === 0 ? next : [compact, ...next] };
}
