/** The readings of a recorded Pod template: what Go may have held when it wrote the template so. */
import type { PodTemplateSpec } from '../../../core/api/generated/types.ts';
import { fnv32a } from '../../../core/api/names/hash.ts';
import { encodedHash, podTemplateDump, podTemplateHash } from '../../../core/api/names/pod-template-hash.ts';
import { parseQuantity, type QuantityValue } from '../../../core/text/quantity.ts';

export interface RecordedHash {
  readonly template: PodTemplateSpec;
  readonly hash: string;
  readonly collisionCount?: number | null | undefined;
  readonly dumpForHash?: string;
}

interface Answer {
  readonly hash: string;
  readonly dumpForHash?: string;
}

/** More open questions than this are not gone through: 2^12 dumps are a second's work. */
const mostChoices = 12;

/** The hash by the reading that agrees with the recorded one; the plain one where none does. */
export function hashedReading({ template, hash, collisionCount, dumpForHash }: RecordedHash): Answer {
  const collisions = collisionCount ?? undefined;
  const answerOf = (dump: string): Answer => ({
    hash: encodedHash(fnv32a(dump), collisions),
    ...(dumpForHash === undefined ? {} : { dumpForHash: dump }),
  });
  const plain = podTemplateDump(template);
  const first = { ...answerOf(plain), hash: podTemplateHash(template, collisions) };
  if (first.hash === hash) return first;
  const places = choices(template).slice(0, mostChoices);
  for (let chosen = 1; chosen < 1 << places.length; chosen++) {
    const answer = answerOf(reading(template, new Set(places.filter((_, i) => (chosen >> i) & 1))));
    if (answer.hash === hash) return answer;
  }
  return first;
}

interface Resources {
  readonly limits?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
}

type Kind = 'initContainers' | 'containers';
const kinds: readonly Kind[] = ['initContainers', 'containers'];
const maps = ['limits', 'requests'] as const;

/** Places that can be read in two ways, as the dump names them. */
function choices(template: PodTemplateSpec): readonly string[] {
  const places: string[] = [];
  for (const kind of kinds)
    for (const [i, container] of (template.spec?.[kind] ?? []).entries())
      for (const map of maps) {
        const place = `.spec.${kind}[${i}].resources.${map}`;
        const quantities = (container.resources as Resources | undefined)?.[map];
        if (quantities === undefined) places.push(place);
        else
          for (const [name, text] of Object.entries(quantities))
            if (otherReading(text) !== undefined) places.push(`${place}.${name}`);
      }
  // A number that was written otherwise is more likely than a map without entries.
  return places.sort((a, b) => Number(/requests$|limits$/.test(a)) - Number(/requests$|limits$/.test(b)));
}

function reading(template: PodTemplateSpec, chosen: ReadonlySet<string>): string {
  return podTemplateDump(withEmptyMaps(template, chosen), {
    emptyIsNil: false,
    quantity: (text, place) => (chosen.has(place) ? otherReading(text) : undefined),
  });
}

function withEmptyMaps(template: PodTemplateSpec, chosen: ReadonlySet<string>): object {
  const spec: Record<string, unknown> = { ...template.spec };
  for (const kind of kinds)
    spec[kind] = template.spec?.[kind]?.map((container, i) => {
      const resources: Record<string, unknown> = { ...(container.resources as Resources | undefined) };
      for (const map of maps) if (chosen.has(`.spec.${kind}[${i}].resources.${map}`)) resources[map] = {};
      return { ...container, resources };
    });
  return { ...template, spec };
}

/** `500m` from `0.5`, `100e6` from `1e8`; `512Mi` from `0.5Gi`, a decimal number with three places. */
function otherReading(text: string): QuantityValue | undefined {
  const parsed = parseQuantity(text);
  if ('error' in parsed) return undefined;
  const { digits, scale, format } = parsed;
  if (format === 'BinarySI')
    return text.endsWith('Mi') && digits % (1n << 29n) === 0n
      ? { digits: digits * 1000n, scale: -3, format, small: false, text: undefined }
      : undefined;
  if (!/0(m|e\d+)$/.test(text)) return undefined;
  let [stripped, at] = [digits, scale];
  while (stripped % 10n === 0n && stripped !== 0n) [stripped, at] = [stripped / 10n, at + 1];
  return { digits: stripped, scale: at, format, small: true, text: undefined };
}
