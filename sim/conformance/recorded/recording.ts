/**
 * A recording of a real control plane, read: what was done to it, what its watches told in the condensed form of the
 * recorder, what was answered. The recorder has numbered generated names (`web-<rs1>-<pod3>`); here they are whole
 * again, so that a hash in a name can be compared.
 */
import * as z from 'zod';
import type { Json } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { parseCases } from '../input.ts';

/** What a watch told: `fields` are the condensed ones that changed (null: removed), of a new or deleted object all. */
export interface Sighting {
  /** Milliseconds since the scenario began. */
  readonly at: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, Json>>;
}

export interface RecordedAction {
  readonly t: number;
  readonly action: string;
}

/** An answer that was worth keeping. */
export interface RecordedResponse {
  readonly t: number;
  readonly what: string;
  readonly status?: number | undefined;
  readonly body?: Json | undefined;
  readonly out?: string | undefined;
  readonly st?: Json | undefined;
}

export interface Recording {
  readonly scenario: string;
  readonly namespace: string;
  readonly manifests: readonly NewObject[];
  readonly actions: readonly RecordedAction[];
  readonly responses: readonly RecordedResponse[];
  readonly sightings: readonly Sighting[];
  /** How long the server took for each request. */
  readonly services: readonly { readonly at: number; readonly took: number }[];
  /** When the last thing was heard, in milliseconds. */
  readonly end: number;
}

const json = z.unknown().transform((value) => value as Json);

const recordingFile = z.looseObject({
  scenario: z.string(),
  manifests: z.array(
    z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.record(z.string(), json) }),
  ),
  actions: z.array(z.looseObject({ t: z.number(), action: z.string() })),
  responses: z
    .array(
      z.looseObject({
        t: z.number(),
        what: z.string(),
        status: z.number().optional(),
        body: json.optional(),
        out: z.string().optional(),
        st: json.optional(),
      }),
    )
    .default([]),
  events: z.array(
    z.looseObject({
      t_ms: z.number(),
      type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
      kind: z.string(),
      name: z.string(),
      rv: z.number(),
      f: z.record(z.string(), json).nullish(),
    }),
  ),
  requests: z.array(z.looseObject({ t_ms: z.number(), us: z.number(), verb: z.string() })).default([]),
  names: z.record(z.string(), z.string()).default({}),
});

/** Whether a file of the suite is a recorded scenario. */
export const isRecording = (text: string): boolean => /"scenario"\s*:/.test(text.slice(0, 200));

export function parseRecording(text: string, fileName: string): Recording {
  const file = parseCases(text, fileName, recordingFile);
  const { names } = file;
  const seen = file.events.filter(({ name }) => name !== artefact);
  const sightings = seen.map(({ t_ms, type, kind, name, f }): Sighting => {
    const fields = f ?? {};
    const near = `${name} ${String(fields['owner'] ?? '')}`;
    return {
      at: t_ms,
      type,
      kind,
      name: whole(name, names, near),
      fields: JSON.parse(whole(JSON.stringify(fields), names, near)) as Sighting['fields'],
    };
  });
  return {
    scenario: file.scenario,
    namespace: `g-${file.scenario}`,
    manifests: file.manifests as unknown as readonly NewObject[],
    actions: file.actions.map(({ t, action }) => ({ t, action: whole(action, names, action) })),
    responses: file.responses.map((response) => ({
      ...response,
      what: whole(response.what, names, response.what),
    })),
    sightings,
    services: file.requests
      .filter(({ verb }) => verb !== 'watch')
      .map(({ t_ms, us }) => ({ at: t_ms, took: us / 1_000 })),
    end: Math.max(0, ...file.events.map(({ t_ms }) => t_ms), ...file.responses.map(({ t }) => t)),
  };
}

/** Every namespace of the recorder's cluster had it. */
const artefact = 'openshift-service-ca.crt';

const numbered = /([a-z0-9.-]+-)?<(rs|rev|es|t)\d+>(-<pod\d+>)?|[a-z0-9.-]+-<pod\d+>/g;

/** A bare hash belongs to the object that is spoken of: `<rs1>` of a Pod of `slow-<rs1>` is that ReplicaSet's. */
function whole(text: string, names: Readonly<Record<string, string>>, near: string): string {
  return text.replace(numbered, (token) => {
    if (token.startsWith('<')) {
      const full = near.split(/[ /]/).find((name) => name.includes(`-${token}`));
      const end = full === undefined ? 0 : full.indexOf(token) + token.length;
      const named = full === undefined ? undefined : names[full.slice(0, end)];
      if (full !== undefined && named !== undefined) return named.slice(full.indexOf(token));
    }
    return names[token] ?? token;
  });
}
