/**
 * What defaulting promises, for any manifest: recorded ones, from which parts are taken out or made null. Beside them what
 * a server does with such a manifest: it stores what was given, with the defaults, and storing that again changes nothing.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { withDefaults } from '../../../core/api/defaults.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { compareQuantities, isQuantity } from '../../../core/api/quantity.ts';
import { checkShape } from '../../../core/api/schema.ts';
import { validateCreate, validateUpdate } from '../../../core/api/validate.ts';
import { Cluster } from '../apiserver/cluster.ts';

const file = gunzipSync(readFileSync(new URL('../../conformance/api/defaulting.json.gz', import.meta.url)));
const { cases } = JSON.parse(file.toString('utf8')) as { readonly cases: readonly { readonly in: Json }[] };
const manifests = cases.map(({ in: manifest }) => manifest);

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

const manifest = fc
  .tuple(
    fc.constantFrom(...manifests),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom<'null' | 'gone'>('null', 'gone')), { maxLength: 3 }),
  )
  .map(([whole, damages]) =>
    damages.reduce((value, [number, mode]) => {
      const places = placesIn(value).filter(([top]) => !['apiVersion', 'kind'].includes(top ?? ''));
      return without(value, places[number % places.length] ?? [], mode);
    }, whole),
  )
  .map((object) => object as unknown as NewObject)
  .filter(
    (object) => (object.metadata as object | null | undefined) != null && checkShape(object).length === 0,
  );

test.prop([manifest], { numRuns: 1000 })(
  'what has its defaults stays as it is, to its identity',
  (object) => {
    const once = withDefaults(object);
    expect(withDefaults(once)).toBe(once);
  },
);

test.prop([manifest], { numRuns: 1000 })('every value that was given is kept', (object) => {
  expect(lost(object as unknown as Json, withDefaults(object) as unknown as Json)).toEqual([]);
});

test.prop([manifest], { numRuns: 1000 })(
  'a manifest of the right shape gets a verdict, whatever it lacks',
  (object) => {
    const info = resourceOfKind(object.apiVersion, object.kind);
    if (info === undefined) throw new Error(`no ${object.kind}`);
    const complete = withDefaults(object);
    expect(Array.isArray(validateCreate(info, complete))).toBe(true);
    expect(Array.isArray(validateUpdate(info, complete, complete))).toBe(true);
  },
);

test.prop([manifest], { numRuns: 200 })(
  'a server stores it with its defaults, and storing that again changes nothing',
  (object) => {
    const info = resourceOfKind(object.apiVersion, object.kind);
    if (info === undefined) throw new Error(`no ${object.kind}`);
    const { resource } = info;
    const cluster = new Cluster();
    const namespace = info.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
    const created = cluster.call({ verb: 'create', resource, namespace, object });
    // An image as a volume is taken out: its gate is off.
    fc.pre(created.ok && !JSON.stringify(object).includes('"image":{'));
    const stored = (created as unknown as { readonly object: NewObject }).object;
    const { status: _, ...given } = withDefaults(object) as NewObject & { readonly status?: Json };
    expect(lost({ ...given, metadata: {} } as unknown as Json, stored as unknown as Json)).toEqual([]);
    const before = cluster.revision;
    const again = cluster.call({
      verb: 'update',
      resource,
      namespace,
      name: stored.metadata.name ?? '',
      object: stored,
    });
    expect(again).toMatchObject({ ok: true });
    expect(cluster.revision).toBe(before);
  },
);

/** Given, and not kept, as in the real server. */
const notKept: readonly RegExp[] = [
  /^\.spec\.sessionAffinityConfig\./, // how long a client stays where it does not stay
  /^\.spec(\.template\.spec|\.jobTemplate\.spec\.template\.spec)?\.serviceAccount$/, // serviceAccountName counts
  /^\.(stringData|data)\./, // a Secret's text becomes its data
  /^\.metadata\.labels\.kubernetes\.io\/metadata\.name$/, // always the name of the Namespace
  /^\.spec\.dataSource\./, // of a kind that is no source without its gate
  /^\.spec\.updateStrategy\.rollingUpdate\.maxUnavailable$/, // of a StatefulSet: its gate is off
];
const cleared = (path: string): boolean => notKept.some((known) => known.test(path));

/** Places whose value is another now. What is empty may be left out, and a quantity written otherwise. */
function lost(given: Json, now: Json | undefined, path = ''): readonly string[] {
  if (isEmpty(given)) return [];
  if (typeof given !== 'object' || given === null)
    return sameScalar(given, now) || cleared(path) ? [] : [path];
  return Object.entries(given).flatMap(([step, inner]) =>
    lost(
      inner as Json,
      (now as Readonly<Record<string, Json>> | null | undefined)?.[step],
      `${path}.${step}`,
    ),
  );
}

const isEmpty = (value: Json): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.values(value).every((inner) => isEmpty(inner as Json)));

function sameScalar(given: Json, now: Json | undefined): boolean {
  if (given === now) return true;
  const [a, b] = [String(given as string), String(now as string)];
  return isQuantity(a) && isQuantity(b) && compareQuantities(a, b) <= 0;
}
