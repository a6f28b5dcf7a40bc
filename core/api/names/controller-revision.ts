/**
 * What a ControllerRevision records and what it is called after. (kubernetes v1.34.1 pkg/controller/history/
 * controller_history.go, pkg/controller/statefulset/stateful_set_utils.go, pkg/controller/daemon/update.go)
 */
import type { Json, PodTemplateSpec } from '../generated/types.ts';
import { goJson } from '../go/quote.ts';
import { byText } from '../patch/go-text.ts';
import { fnv32, safeEncode } from './hash.ts';

/** The template as a patch that puts it back. */
export const revisionData = (template: PodTemplateSpec): Json =>
  ({ spec: { template: { ...template, $patch: 'replace' } } }) as unknown as Json;

/** The bytes of it: JSON as Go writes a map, keys in order, `<`, `>` and `&` escaped. */
export const revisionBytes = (data: Json): string => goJson(ordered(data));

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const map = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(map)
      .sort(byText)
      .filter((key) => map[key] !== undefined && map[key] !== null)
      .map((key) => [key, ordered(map[key])]),
  );
}

/** Of a StatefulSet's revision (a DaemonSet's has the hash of its template): the hash of the bytes, and of how often names have collided, where that is counted. */
export function controllerRevisionHash(data: Json, collisionCount: number | undefined): string {
  const ofData = fnv32(revisionBytes(data));
  return safeEncode(`${collisionCount === undefined ? ofData : fnv32(`${collisionCount}`, ofData)}`);
}

/** So much of the owner's name goes into the name of a revision. */
const longestPrefix = 223;

export const controllerRevisionName = (prefix: string, hash: string): string =>
  `${prefix.slice(0, longestPrefix)}-${hash}`;
