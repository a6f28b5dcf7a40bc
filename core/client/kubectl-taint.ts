/** `kubectl taint` (kubernetes v1.34.1 staging/src/k8s.io/kubectl/pkg/cmd/taint/taint.go, utils.go). */
import type { Json, Node, Taint } from '../api/generated/types.ts';
import type { PatchRequest } from '../api/request.ts';

/** A taint as kubectl is told of it: `key=value:Effect`, and with a dash behind it, to be removed, of one effect or of all. */
export interface TaintChange {
  readonly key: string;
  readonly value: string | undefined;
  /** Undefined only where it is removed. */
  readonly effect: Taint['effect'] | undefined;
  readonly remove: boolean;
}

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** What a text says; undefined where it is no such text. */
export function parseTaintChange(text: string): TaintChange | undefined {
  const match = /^([A-Za-z0-9][\w./-]*?)(?:=([\w.-]*))?(?::(\w+))?(-)?$/.exec(text);
  if (match === null) return undefined;
  const [, key = '', value, named, dash] = match;
  const effect = taintEffects.find((known) => known === named);
  const remove = dash !== undefined;
  if ((named !== undefined && effect === undefined) || (effect === undefined && !remove)) return undefined;
  return { key, value: value === '' ? undefined : value, effect, remove };
}

type Tainting = { readonly patch: PatchRequest } | { readonly error: string };

/** The patch that is sent, or why there is none. What is new comes first. */
export function tainting(node: Node, changes: readonly TaintChange[], overwrite: boolean): Tainting {
  const { name } = node.metadata;
  const before = node.spec.taints ?? [];
  const added = changes.filter(({ remove }) => !remove).map(taintOf);
  const removed = changes.filter(({ remove }) => remove);
  const again = added.filter((taint) => before.some((old) => isAlike(old, taint)));
  if (!overwrite && again.length > 0) {
    const keys = `[${again.map(({ key }) => key).join(' ')}]`;
    return {
      error: `node ${name} already has ${keys} taint(s) with same effect(s) and --overwrite is false`,
    };
  }
  let taints = [...added, ...before.filter((old) => !added.some((taint) => isAlike(old, taint)))];
  for (const { key, effect } of removed) {
    const left = taints.filter(
      (taint) => taint.key !== key || (effect !== undefined && taint.effect !== effect),
    );
    const text = effect === undefined ? key : `${key}:${effect}`;
    if (left.length === taints.length) return { error: `taint "${text}" not found` };
    taints = left;
  }
  const spec = { taints: taints.length === 0 ? null : (taints as readonly object[] as readonly Json[]) };
  return { patch: { verb: 'patch', resource: 'nodes', name, patchType: 'strategic', patch: { spec } } };
}

function taintOf({ key, value, effect = 'NoSchedule' }: TaintChange): Taint {
  return value === undefined ? { key, effect } : { key, value, effect };
}

const isAlike = (one: Taint, other: Taint): boolean => one.key === other.key && one.effect === other.effect;
