/**
 * Pods that are sent one by one have specs of their own that say the same: by its text a spec is known again, and what has been
 * found out about it need not be found out again. To read 2 KB costs a thirtieth of admitting them.
 */
import type { PodSpec } from '../../api/generated/types.ts';

/** Specs by their text, so that one that comes again as a copy is known: the latest, so that they take no more than some MiB. */
const specsByText = new Map<string, PodSpec>();
const mostSpecs = 512;
/** A longer text is not kept, UTF-16 units. */
const longestText = 8_192;

/** The first spec that came with the same text, or this one, which is it from now on. */
export function firstOfText(spec: PodSpec): PodSpec {
  const text = JSON.stringify(spec);
  const known = specsByText.get(text);
  if (known !== undefined) return known;
  if (text.length > longestText) return spec;
  if (specsByText.size >= mostSpecs) forgetOldest();
  specsByText.set(text, spec);
  return spec;
}

function forgetOldest(): void {
  const [oldest] = specsByText.keys();
  if (oldest !== undefined) specsByText.delete(oldest);
}
