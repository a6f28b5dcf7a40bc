/** The files of recorded sequences (family api-*): their shape. */
import * as z from 'zod';

const json = z.record(z.string(), z.unknown());

const params = z
  .object({
    resourceVersion: z.string(),
    resourceVersionMatch: z.string(),
    labelSelector: z.string(),
    fieldSelector: z.string(),
    limit: z.number().int(),
    /** The token that was received as the n-th: `c1`. */
    continue: z.string(),
    sendInitialEvents: z.enum(['true', 'false']),
    allowWatchBookmarks: z.enum(['true', 'false']),
    dryRun: z.string(),
    fieldManager: z.string(),
    force: z.enum(['true', 'false']),
    fieldValidation: z.enum(['Ignore', 'Warn', 'Strict']),
    gracePeriodSeconds: z.number().int(),
    propagationPolicy: z.string(),
  })
  .partial();

const options = z
  .object({
    gracePeriodSeconds: z.number().int(),
    preconditions: z.object({ uid: z.string(), resourceVersion: z.string() }).partial(),
    propagationPolicy: z.string(),
    orphanDependents: z.boolean(),
    dryRun: z.array(z.string()),
  })
  .partial();

const target = { resource: z.string(), namespace: z.string().optional() };

const operation = z.discriminatedUnion('verb', [
  z.object({ verb: z.enum(['list', 'watch']), ...target, params: params.optional() }),
  z.object({
    verb: z.literal('get'),
    ...target,
    name: z.string(),
    subresource: z.string().optional(),
    params: params.optional(),
  }),
  z.object({
    verb: z.literal('create'),
    ...target,
    name: z.string().optional(),
    subresource: z.string().optional(),
    object: json,
    params: params.optional(),
  }),
  z.object({
    verb: z.literal('update'),
    ...target,
    name: z.string(),
    subresource: z.string().optional(),
    object: json,
    params: params.optional(),
  }),
  z.object({
    verb: z.literal('patch'),
    ...target,
    name: z.string(),
    subresource: z.string().optional(),
    /** @default merge patch */
    patchType: z.string().optional(),
    object: z.union([json, z.array(json)]),
    params: params.optional(),
  }),
  z.object({
    verb: z.literal('delete'),
    ...target,
    name: z.string(),
    options: options.optional(),
    params: params.optional(),
  }),
  z.object({
    verb: z.literal('deletecollection'),
    ...target,
    options: options.optional(),
    params: params.optional(),
  }),
  /** `wait` in milliseconds. */
  z.object({ verb: z.literal('compact'), revision: z.string(), wait: z.number().optional() }),
  z.object({ verb: z.literal('restart') }),
]);

const watch = z.object({
  id: z.string(),
  created_at_step: z.number().int(),
  want_events: z.array(json),
  closed_by_server: z.boolean().optional(),
});

const sequence = z.object({
  name: z.string(),
  seed: z.string().optional(),
  steps: z.array(z.object({ op: operation, want: json })),
  watches: z.array(watch).optional(),
});

export const sequenceFile = z.object({ family: z.string(), sequences: z.array(sequence) });

export type RecordedSequence = z.output<typeof sequence>;
export type RecordedOperation = z.output<typeof operation>;
export type RecordedParams = z.output<typeof params>;
export type RecordedOptions = z.output<typeof options>;
