/**
 * The `pod-template-hash` of a Pod's template: FNV-1a of a dump of the Go struct, so that every field counts, in Go's order.
 * (kubernetes v1.34.1 pkg/controller/controller_utils.go ComputeHash, pkg/util/hash)
 */
import { podStructs } from '../go/pod-structs.ts';
import { dumpOf, type Dump } from '../go/spew.ts';
import { structsOf } from '../go/struct.ts';
import type { PodTemplateSpec } from '../generated/types.ts';
import { fnv32a, fnv32aOfInt32, safeEncode } from './hash.ts';

const stored: Dump = { structs: structsOf(podStructs), package: 'v1', emptyIsNil: true };

/** The text that is hashed, of a template as it is stored or in another of Go's readings of it. */
export const podTemplateDump = (template: object, reading: Partial<Dump> = {}): string =>
  dumpOf({ ...stored, ...reading }, 'PodTemplateSpec', template);

/** Of each template that was asked for: a controller asks of the same one at every sync. */
const hashes = new WeakMap<object, number>();

/** The hash as it stands in a ReplicaSet's name and label. */
export function podTemplateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = hashes.get(template);
  if (hash === undefined) {
    hash = fnv32a(podTemplateDump(template));
    hashes.set(template, hash);
  }
  return encodedHash(hash, collisionCount);
}

/** The hash of a dump, after as many collisions as were counted. */
export const encodedHash = (hash: number, collisionCount: number | undefined): string =>
  safeEncode(`${collisionCount === undefined ? hash : fnv32aOfInt32(collisionCount, hash)}`);
