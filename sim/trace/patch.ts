/** The JSON merge patch (RFC 7386) between two objects, written as they are compared. */
import { isFields, own, same } from '../../core/api/merge-patch.ts';
import type { JsonBytes } from './json-bytes.ts';

/**
 * Writes the merge patch that makes `after` of `before`; false, and nothing is written, when they say the same. Parts
 * that are the same reference are skipped, so the cost is that of what was rebuilt. A field that is undefined counts as
 * absent.
 */
export function writeMergePatch(out: JsonBytes, before: unknown, after: unknown): boolean {
  if (before === after) return false;
  if (!isFields(before) || !isFields(after)) {
    if (same(before, after)) return false;
    out.json(after);
    return true;
  }
  const start = out.length;
  out.ascii('{');
  const first = out.length;
  for (const field in after) writeChange(out, first, field, own(before, field), after[field]);
  for (const field in before)
    if (before[field] !== undefined && own(after, field) === undefined) {
      beginField(out, first, field);
      out.ascii('null');
    }
  if (out.length === first) {
    out.cutTo(start);
    return false;
  }
  out.ascii('}');
  return true;
}

/** A field of a patch whose first field stands at `first`; nothing where `now` says what was there. */
function writeChange(out: JsonBytes, first: number, field: string, old: unknown, now: unknown): void {
  if (now === undefined || now === old) return;
  const start = out.length;
  beginField(out, first, field);
  if (old === undefined || old === null) out.json(now);
  else if (!writeMergePatch(out, old, now)) out.cutTo(start);
}

function beginField(out: JsonBytes, first: number, field: string): void {
  if (out.length > first) out.ascii(',');
  out.name(field);
}
