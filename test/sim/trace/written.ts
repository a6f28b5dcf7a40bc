import { JsonBytes } from '../../../sim/trace/json-bytes.ts';

/** What `write` puts into a small buffer, as text. */
export function writtenBy(write: (out: JsonBytes) => void): string {
  const out = new JsonBytes(1);
  write(out);
  return new TextDecoder().decode(out.written());
}
