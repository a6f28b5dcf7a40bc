/**
 * What defaulting promises, for any manifest: recorded ones, from which parts are taken out or made null. Beside them what
 * a server does with such a manifest: it stores what was given, with the defaults, and storing that again changes nothing.
 */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { withDefaults } from '../../../core/api/defaults.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { compareQuantities, isQuantity } from '../../../core/text/quantity.ts';
import { validateCreate, validateUpdate } from '../../../core/api/validate.ts';
import { Cluster } from '../apiserver/cluster.ts';
import { damagedManifest, recordedCases } from './damaged-manifest.ts';

const manifests = recordedCases('defaulting').flatMap(({ in: given }) =>
  given === undefined ? [] : [given],
);
const manifest = damagedManifest(manifests, { minLength: 0, maxLength: 3 });

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
