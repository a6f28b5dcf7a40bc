/** Recorded manifests, from which parts are taken out or made null, as an arbitrary. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fc } from '@fast-check/vitest';
import type { Json } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { checkShape } from '../../../core/api/schema.ts';

type Fields = Readonly<Record<string, Json>>;

/** The cases of a recorded family of the API. */
export function recordedCases(family: string): readonly Fields[] {
  const file = new URL(`../../conformance/api/${family}.json.gz`, import.meta.url);
  const { cases } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
    readonly cases: readonly Fields[];
  };
  return cases;
}

type Mode = 'null' | 'gone';

/** One of the manifests with so many places gone or null, where the decoder would still let it through. */
export const damagedManifest = (
  manifests: readonly Json[],
  damages: { readonly minLength: number; readonly maxLength: number },
): fc.Arbitrary<NewObject> =>
  fc
    .tuple(
      fc.constantFrom(...manifests),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom<Mode>('null', 'gone')), damages),
    )
    .map(([whole, places]) => places.reduce(damaged, whole) as unknown as NewObject)
    .filter(
      (object) => (object.metadata as object | null | undefined) != null && checkShape(object).length === 0,
    );

function damaged(value: Json, [number, mode]: readonly [number, Mode]): Json {
  const places = placesIn(value).filter(([top]) => !['apiVersion', 'kind'].includes(top ?? ''));
  return without(value, places[number % places.length] ?? [], mode);
}

/** Every place in a value. */
function placesIn(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([step, inner]) => {
    const place = [...path, step];
    return [place, ...placesIn(inner as Json, place)];
  });
}

/** The value with what lies at the path null, or gone. */
function without(value: Json, [step, ...rest]: readonly string[], mode: Mode): Json {
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    if (rest.length === 0 && mode === 'gone') return list.toSpliced(Number(step), 1);
    return list.map((item, i) =>
      `${i}` === step ? (rest.length === 0 ? null : without(item, rest, mode)) : item,
    );
  }
  const fields = value as Fields;
  if (rest.length === 0 && mode === 'gone')
    return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== step));
  return { ...fields, [step]: rest.length === 0 ? null : without(fields[step] ?? null, rest, mode) };
}
