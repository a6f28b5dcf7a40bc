/** Aim: validation has a verdict on whatever the decoder lets through. Method: recorded manifests, with one place gone or null. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { withDefaults } from '../../../core/api/defaults.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { checkShape } from '../../../core/api/schema.ts';
import { validateCreate, validateUpdate } from '../../../core/api/validate.ts';
import { warningsOfCreate } from '../../../core/api/warnings/warnings.ts';

const file = new URL('../../conformance/api/validation.json.gz', import.meta.url);
const { cases } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
  readonly cases: readonly Readonly<Record<string, Json>>[];
};
const manifests = cases.flatMap(({ in: created, new: updated }) =>
  [created, updated].filter((manifest) => manifest !== undefined),
);

/** Every place in a value. */
function placesIn(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([step, inner]) => {
    const place = [...path, step];
    return [place, ...placesIn(inner as Json, place)];
  });
}

/** The value with what lies at the path null, or gone. */
function without(value: Json, [step, ...rest]: readonly string[], mode: 'null' | 'gone'): Json {
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    if (rest.length === 0 && mode === 'gone') return list.toSpliced(Number(step), 1);
    return list.map((item, i) =>
      `${i}` === step ? (rest.length === 0 ? null : without(item, rest, mode)) : item,
    );
  }
  const fields = value as Readonly<Record<string, Json>>;
  if (rest.length === 0 && mode === 'gone')
    return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== step));
  return { ...fields, [step]: rest.length === 0 ? null : without(fields[step] ?? null, rest, mode) };
}

const damaged = fc
  .tuple(fc.constantFrom(...manifests), fc.nat(), fc.constantFrom<'null' | 'gone'>('null', 'gone'))
  .map(([manifest, number, mode]) => {
    const places = placesIn(manifest).filter(([top]) => !['apiVersion', 'kind'].includes(top ?? ''));
    return without(manifest, places[number % places.length] ?? [], mode) as unknown as NewObject;
  })
  .filter(
    (object) => (object.metadata as object | null | undefined) != null && checkShape(object).length === 0,
  );

test.prop([damaged], { numRuns: 1000 })(
  'a manifest of the right shape gets a verdict, whatever it lacks',
  (object) => {
    const info = resourceOfKind(object.apiVersion, object.kind);
    if (info === undefined) throw new Error(`no ${object.kind}`);
    const complete = withDefaults(object);
    const errors = validateCreate(info, complete);
    expect(Array.isArray(errors)).toBe(true);
    expect(Array.isArray(validateUpdate(info, complete, withDefaults(structuredClone(complete))))).toBe(true);
    if (errors.length === 0) expect(Array.isArray(warningsOfCreate(info.resource, complete))).toBe(true);
  },
);
