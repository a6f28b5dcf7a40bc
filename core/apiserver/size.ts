/**
 * How large an object may be. etcd takes requests of 1.5 MiB and no larger. (etcd 3.6.4 server/embed/config.go
 * DefaultMaxRequestBytes) The real limit is on the bytes of protobuf, of which JSON is a good measure where it matters:
 * what makes an object large is text.
 */
import type { Status } from '../api/request.ts';
import { plainError } from '../api/status.ts';

const mostBytes = 1.5 * 1024 * 1024;

/** The answer to an object that etcd would not take. */
export const tooLarge: Status = plainError('etcdserver: request is too large');

/** Whether an object's JSON is within the limit. Counted without being written, and no further than to the limit. */
export const isTooLarge = (object: object): boolean => left(object, mostBytes) < 0;

/** What is left of `room` when the value is written. */
function left(value: unknown, room: number): number {
  if (typeof value === 'string') return room - bytesOf(value) - 2;
  if (typeof value !== 'object' || value === null) return room - 5;
  let rest = room - 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (rest < 0) return rest;
      rest = left(item, rest - 1);
    }
    return rest;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const field in fields) {
    const part = fields[field];
    if (part === undefined) continue;
    if (rest < 0) return rest;
    rest = left(part, rest - field.length - 4);
  }
  return rest;
}

/** UTF-8 bytes of a text: short ones are not looked into. */
function bytesOf(text: string): number {
  if (text.length < 256) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
