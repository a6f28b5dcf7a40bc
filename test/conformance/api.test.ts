/**
 * Aim: the API answers as the machinery of Kubernetes 1.34.1 did. Method: every recorded case of the kinds this slice
 * has, one line each; a difference names the case. Kept out: selectors of nodes and tolerations, which the scheduler owns.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
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
