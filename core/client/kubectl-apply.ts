/**
 * Client-side `kubectl apply`: what is not there is created with its manifest as an annotation; what is there is patched by
 * what the manifest changes and by what was applied last and is wanted no more. What others wrote stays.
 * (kubernetes v1.34.1 staging/src/k8s.io/kubectl/pkg/cmd/apply/patcher.go)
 */
import type { Json } from '../api/generated/types.ts';
import type { ResourceInfo } from '../api/kinds.ts';
import type { ApiObject } from '../api/object.ts';
import { createThreeWayJsonPatch } from '../api/patch/json-merge.ts';
import { lastAppliedOf, withLastApplied } from '../api/patch/last-applied.ts';
import { mergeTypeOfKind } from '../api/patch/merge-type-of-kind.ts';
import { createThreeWayPatch, type ThreeWayResult } from '../api/patch/three-way.ts';
import type { NewObject, PatchRequest } from '../api/request.ts';

/** Who owns what client-side apply sets. */
export const clientSideApply = 'kubectl-client-side-apply';

/** The manifest as it is created. */
export const asCreated = (manifest: NewObject): NewObject =>
  withLastApplied(manifest as unknown as Json) as unknown as NewObject;

export type ApplyPatch = Pick<PatchRequest, 'patchType' | 'patch'>;

/** The patch that is sent; undefined where nothing would change; or why there can be none. */
export function patchToApply(
  info: ResourceInfo | undefined,
  manifest: NewObject,
  live: ApiObject,
): ApplyPatch | { readonly error: string } | undefined {
  const modified = withLastApplied(manifest as unknown as Json);
  const current = JSON.parse(JSON.stringify(live)) as Json;
  const original = lastAppliedOf(current) ?? {};
  const type = info === undefined ? undefined : mergeTypeOfKind(info, manifest.apiVersion);
  const computed: ThreeWayResult =
    type === undefined
      ? createThreeWayJsonPatch(original, modified, current)
      : createThreeWayPatch(original, modified, current, type, true);
  if ('error' in computed) return computed;
  const { patch } = computed;
  if (Object.keys(patch as object).length === 0) return undefined;
  return { patchType: type === undefined ? 'merge' : 'strategic', patch };
}
