/**
 * Aim: the API answers as the machinery of Kubernetes 1.34.1 did. Method: every recorded case of the kinds this slice
 * has, one line each; a difference names the case. Kept out: selectors of nodes and tolerations, which the scheduler owns.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodingError } from '../../core/api/decoding.ts';
import { withDefaults } from '../../core/api/defaults.ts';
import { errorBody, type FieldError } from '../../core/api/field-error.ts';
import type { Json } from '../../core/api/generated/types.ts';
import { resourceOfKind, type ResourceInfo } from '../../core/api/kinds.ts';
import type { NewObject } from '../../core/api/request.ts';
import { checkShape } from '../../core/api/schema.ts';
import { validateCreate, validateUpdate } from '../../core/api/validate.ts';

function recorded<T>(name: string): readonly T[] {
  const text = gunzipSync(readFileSync(new URL(`api/${name}.jsonl.gz`, import.meta.url))).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null)) as Json;

/** All differences at once, so that a failure shows the whole picture. */
function expectAgreement<T>(cases: readonly T[], count: number, answer: (c: T) => { got: unknown; want: unknown }): void {
  expect(cases).toHaveLength(count);
  const differences = cases.flatMap((c) => {
    const { got, want } = answer(c);
    return JSON.stringify(got) === JSON.stringify(want) ? [] : [{ case: JSON.stringify(c).slice(0, 300), got, want }];
  });
  expect(differences).toEqual([]);
}

function infoOf(apiVersion: string, kind: string): ResourceInfo {
  const info = resourceOfKind(apiVersion, kind);
  if (info === undefined) throw new Error(`no ${kind} in ${apiVersion}`);
  return info;
}

interface Defaulting {
  readonly in: NewObject;
  readonly expected?: Json;
  readonly decodeError?: string;
}

describe('defaults', () => {
  const cases = recorded<Defaulting>('defaulting');

  it('are those of the apiserver', () => {
    const readable = cases.filter((c) => c.decodeError === undefined);
    expectAgreement(readable, 192, (c) => ({
      got: comparable(json(withDefaults(c.in))),
      want: comparable(c.expected ?? null),
    }));
  });

  it('of a complete object change nothing, not even its identity', () => {
    for (const c of cases.filter((one) => one.decodeError === undefined)) {
      const once = withDefaults(c.in);
      expect(withDefaults(once)).toBe(once);
    }
  });

  it('are not asked for where the decoder refuses', () => {
    const refused = cases.filter((c) => c.decodeError !== undefined);
    expect(refused).toHaveLength(13);
    for (const c of refused) expect(checkShape(c.in)).not.toEqual([]);
  });
});

/** Set when a DaemonSet is created, which is no default. */
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** Fields in one order; a null field is an absent one. */
function comparable(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .filter(([field, inner]) => inner !== null && !(field === 'annotations' && isOnlyGeneration(inner)))
    .map(([field, inner]) => [field, comparable(inner)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields);
}

const isOnlyGeneration = (annotations: Json): boolean =>
  typeof annotations === 'object' && annotations !== null && Object.keys(annotations).join() === generationAnnotation;

interface Validation {
  readonly op: 'create' | 'update' | 'strictDecode';
  readonly kind: string;
  readonly in?: NewObject;
  readonly old?: NewObject;
  readonly new?: NewObject;
  readonly errors: readonly { readonly field: string; readonly body: string; readonly detail: string; readonly value?: Json }[];
  readonly generation?: number;
  readonly oldGeneration?: number;
  readonly raw?: string;
  readonly error?: string;
}

describe('validation', () => {
  const cases = recorded<Validation>('validation');
  const want = (c: Validation): readonly string[] =>
    c.errors.map(({ field, body, detail, value }) =>
      isStruct(value) ? `${field}: ${body.slice(0, body.indexOf(':'))}: ${detail}` : `${field}: ${body}`,
    );
  const got = (errors: readonly FieldError[]): readonly string[] =>
    errors.map((error) =>
      isStruct(error.badValue) ? `${error.field}: ${error.type}: ${error.detail}` : withoutDiff(`${error.field}: ${errorBody(error)}`),
    );

  it('of new objects finds what the apiserver finds, in its order and words', () => {
    expectAgreement(
      cases.filter((c) => c.op === 'create'),
      280,
      (c) => ({ got: got(created(c.in as NewObject)), want: want(c) }),
    );
  });

  it('of updates finds what the apiserver finds', () => {
    expectAgreement(
      cases.filter((c) => c.op === 'update'),
      71,
      (c) => ({ got: got(updated(c)), want: want(c) }),
    );
  });

  it('finds unknown fields and wrong types as the strict decoder does', () => {
    // A parsed document has no duplicate fields, and one without a known kind is refused before it is decoded.
    const readable = cases.filter((c) => c.op === 'strictDecode' && /^{.*"kind"/.test(c.raw ?? '') && !/duplicate|no kind|parse error/.test(c.error ?? ''));
    expectAgreement(readable, 6, (c) => ({ got: decodingError(checkShape(JSON.parse(c.raw ?? ''))), want: c.error }));
  });
});

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
    return list.map((item, i) => (`${i}` === step ? (rest.length === 0 ? null : without(item, rest, mode)) : item));
  }
  const fields = value as Readonly<Record<string, Json>>;
  if (rest.length === 0 && mode === 'gone') return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== step));
  return { ...fields, [step]: rest.length === 0 ? null : without(fields[step] ?? null, rest, mode) };
}

const manifests = [...recorded<Defaulting>('defaulting'), ...recorded<Validation>('validation').filter((c) => c.in !== undefined)].map(
  (c) => json(c.in),
);
const damaged = fc
  .tuple(fc.constantFrom(...manifests), fc.nat(), fc.constantFrom<'null' | 'gone'>('null', 'gone'))
  .map(([manifest, number, mode]) => {
    const places = placesIn(manifest).filter(([top]) => !['apiVersion', 'kind'].includes(top ?? ''));
    return without(manifest, places[number % places.length] ?? [], mode) as unknown as NewObject;
  })
  .filter((object) => (object.metadata as object | null | undefined) != null && checkShape(object).length === 0);

test.prop([damaged], { numRuns: 1000 })('a manifest of the right shape gets defaults and a verdict, whatever it lacks', (object) => {
  const info = infoOf(object.apiVersion, object.kind);
  const complete = withDefaults(object);
  expect(Array.isArray(validateCreate(info, complete))).toBe(true);
  expect(Array.isArray(validateUpdate(info, complete, complete))).toBe(true);
});

/** Structs are recorded as Go's types print: they are not compared. */
const isStruct = (value: Json | undefined): boolean => typeof value === 'object';

/** A diff at the end of a message is compared where the whole family is. */
const withoutDiff = (text: string): string => text.replace(/\n@@[^]*$/, '');

function created(manifest: NewObject): readonly FieldError[] {
  const object = normalised(withDefaults(manifest));
  const { generateName, name } = object.metadata;
  // The recorded server drew this name, and takes no generation from a client.
  const metadata = {
    ...object.metadata,
    generation: 0,
    ...(generateName !== undefined && name === undefined ? { name: `${generateName}xn8fg` } : {}),
  };
  return validateCreate(infoOf(object.apiVersion, object.kind), { ...object, metadata });
}

function updated(c: Validation): readonly FieldError[] {
  const before = normalised(withDefaults(c.old as NewObject));
  const next = normalised(withDefaults(c.new as NewObject));
  const was = c.oldGeneration ?? (['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet'].includes(c.kind) ? 1 : 0);
  // The recorder validated what a client sends: without a generation, unless the change had raised it.
  const raised = c.generation === undefined ? JSON.stringify(specOf(next)) !== JSON.stringify(specOf(before)) : c.generation > was;
  return validateUpdate(
    infoOf(next.apiVersion, next.kind),
    { ...next, metadata: { ...next.metadata, uid: next.metadata.uid ?? 'u1', generation: raised ? was + 1 : 0 } },
    { ...before, metadata: { ...before.metadata, uid: 'u1', generation: was } },
  );
}

const specOf = (object: NewObject): unknown => (object as NewObject & { readonly spec?: unknown }).spec;

/** The Service storage writes clusterIPs from clusterIP before it validates. */
function normalised(object: NewObject): NewObject {
  const spec = specOf(object) as { readonly clusterIP?: string; readonly clusterIPs?: readonly string[] } | undefined;
  if (object.kind !== 'Service' || spec?.clusterIP === undefined || spec.clusterIPs !== undefined) return object;
  return { ...object, spec: { ...spec, clusterIPs: [spec.clusterIP] } } as NewObject;
}
