/**
 * The record of what an event committed (format.ts): the whole object where it is new, else the merge patch from what
 * was there before.
 */
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdEvent } from '../../core/etcd/message.ts';
import { JsonBytes } from './json-bytes.ts';
import { writeMergePatch } from './patch.ts';

/** The record of one key that was written. */
export function writeCommit(out: JsonBytes, event: EtcdEvent<ApiObject>): void {
  out.ascii('{"rev":');
  out.natural(event.modRevision);
  out.ascii(',"key":');
  out.quoted(event.key);
  if (event.kv === undefined || event.type === 'DELETE') return out.ascii(',"delete":true}');
  if (event.prevKv === undefined) {
    out.ascii(',"put":');
    writeObject(out, event.kv.value);
  } else {
    out.ascii(',"patch":');
    if (!writeMergePatch(out, event.prevKv.value, event.kv.value)) out.ascii('{}');
  }
  out.ascii('}');
}

/** The bytes of a `spec` that many objects share (all Pods of a ReplicaSet do) are made once. */
const specBytes = new WeakMap<object, Uint8Array>();

function writeObject(out: JsonBytes, object: ApiObject): void {
  const { spec } = object as ApiObject & { readonly spec?: unknown };
  if (typeof spec !== 'object' || spec === null) return out.json(object);
  out.ascii('{');
  out.fields(object, 'spec');
  out.ascii(',"spec":');
  let bytes = specBytes.get(spec);
  if (bytes === undefined) specBytes.set(spec, (bytes = bytesOf(spec)));
  out.copy(bytes);
  out.ascii('}');
}

function bytesOf(value: unknown): Uint8Array {
  const out = new JsonBytes();
  out.json(value);
  return out.written().slice();
}
