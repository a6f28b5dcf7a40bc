/**
 * The one source of what a Scenario may say: it validates, it gives the types, and `scenarioJsonSchema` is made of it.
 * The words are Kubernetes' own wherever it has one.
 */
import { z } from 'zod';
import { isQuantity } from '../../core/api/quantity.ts';
import type { Distribution } from '../../core/random/distribution.ts';
import { parseDuration } from '../../core/time/duration.ts';
import type { Duration } from '../../core/time/time.ts';
import { shown } from './problem.ts';

/** A mapping with these fields and no others. For unknown ones the message is the list of those allowed. */
export function fields<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? allowed.join(' ')
        : `expected a mapping with ${allowed.join(', ')}`,
  });
}

const isNotNegative = 'must not be negative';

/** `30s`, `5m`, `1h30m`: a duration of Go, never negative. */
const duration = z
  .union([z.string(), z.literal(0)], {
    error: (issue) => `expected a duration such as 30s, 5m or 1h30m, found ${shown(issue.input)}`,
  })
  .transform((given, context): Duration => {
    const text = String(given);
    const value = parseDuration(text);
    if (value !== undefined && value >= 0) return value;
    const message =
      value === undefined
        ? `expected a duration such as 30s, 5m or 1h30m, found ${shown(text)}`
        : `${isNotNegative}, found ${text}`;
    context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });

const positive = duration.refine((value) => value > 0, { error: 'must be more than nothing' });

export const oneOf = <const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> =>
  z.enum(words, {
    error: (issue) => `expected ${words.map(quoted).join(', ')}, found ${shown(issue.input)}`,
  });

const quoted = (word: string): string => (word.includes(',') ? `"${word}"` : word);

const truth = z.boolean({ error: (issue) => `expected true or false, found ${shown(issue.input)}` });

export const text = z.string({ error: (issue) => `expected text, found ${shown(issue.input)}` });
export const name = text.min(1, { error: 'must not be empty' });

export const whole = (least: number, most = 1_000_000): z.ZodNumber =>
  z
    .int({ error: (issue) => `expected a whole number, found ${shown(issue.input)}` })
    .min(least, { error: (issue) => `must be at least ${least}, found ${shown(issue.input)}` })
    .max(most, { error: (issue) => `must be at most ${most}, found ${shown(issue.input)}` });

export const rate = z
  .number({ error: (issue) => `expected a number, found ${shown(issue.input)}` })
  .min(0, { error: (issue) => `${isNotNegative}, found ${shown(issue.input)}` });

export const list = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> =>
  z.array(item, { error: (issue) => `expected a list, found ${shown(issue.input)}` });

const texts = z.record(z.string(), text, {
  error: (issue) => `expected a mapping of texts, found ${shown(issue.input)}`,
});

const notQuantity = (issue: { readonly input?: unknown }): string =>
  `expected a quantity such as 500m or 16Gi, found ${shown(issue.input)}`;

const quantity = z
  .union([z.string(), z.number()], { error: notQuantity })
  .transform(String)
  .refine(isQuantity, { error: notQuantity });
const quantities = z.record(z.string(), quantity, {
  error: (issue) => `expected a mapping of quantities, found ${shown(issue.input)}`,
});

const distributionForms =
  'a duration, {uniform: {min, max}}, {lognormal: {median, p99}} or {exponential: {mean}}';

const distribution = z
  .union(
    [
      duration,
      fields({
        uniform: fields({ min: duration, max: duration })
          .refine(({ min, max }) => min <= max, { error: 'min must not be above max' })
          .optional(),
        lognormal: fields({ median: positive, p99: positive })
          .refine(({ median, p99 }) => median <= p99, { error: 'p99 must not be below median' })
          .optional(),
        exponential: fields({ mean: duration }).optional(),
      }).refine((forms) => Object.keys(forms).length === 1, {
        error: `expected one of: ${distributionForms}`,
      }),
    ],
    { error: (issue) => `expected ${distributionForms}, found ${shown(issue.input)}` },
  )
  .transform((given): Distribution => {
    if (typeof given === 'number') return { kind: 'fixed', value: given };
    if (given.uniform !== undefined) return { kind: 'uniform', ...given.uniform };
    if (given.lognormal !== undefined) return { kind: 'lognormal', ...given.lognormal };
    return { kind: 'exponential', mean: given.exponential?.mean ?? 0 };
  });

const taint = fields({
  key: name,
  value: text.optional(),
  effect: oneOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const nodes = fields({
  count: whole(0, 100_000).default(1),
  name: name.optional(),
  template: fields({
    metadata: fields({ labels: texts.optional(), annotations: texts.optional() }).optional(),
    spec: fields({ taints: list(taint).optional(), unschedulable: truth.optional() }).optional(),
    status: fields({ capacity: quantities.optional(), allocatable: quantities.optional() }).optional(),
  }).optional(),
});

const image = fields({
  pull: distribution.optional(),
  startup: distribution.optional(),
  exitAfter: distribution.optional(),
  exitCode: whole(0, 255).optional(),
  size: quantity.optional(),
});

const limit = fields({ qps: rate, burst: whole(0) });

/** The flags' own names; what a request costs a core. */
const apiserver = fields({
  cores: whole(1, 1_024).optional(),
  maxRequestsInflight: whole(0).optional(),
  maxMutatingRequestsInflight: whole(0).optional(),
  cost: fields({
    read: duration.optional(),
    listedObject: duration.optional(),
    write: duration.optional(),
    watchEvent: duration.optional(),
  }).optional(),
});

const webhook = fields({
  name,
  latency: duration.default(0),
  outcome: oneOf(['admits', 'denies', 'fails', 'times out']).default('admits'),
});

/** A webhook behaves in one way: the second of a name is told at its place. */
const webhooks = list(webhook).superRefine((given, context) => {
  const names = new Set<string>();
  for (const [index, { name: called }] of given.entries()) {
    if (names.has(called))
      context.addIssue({ code: 'custom', message: `${called} is there twice`, path: [index, 'name'] });
    names.add(called);
  }
});

const components = fields({
  apiservers: whole(1, 16).optional(),
  apiserver: apiserver.optional(),
  authorizationMode: oneOf(['AlwaysAllow', 'Node,RBAC']).optional(),
  limits: fields({
    controllerManager: limit.optional(),
    scheduler: limit.optional(),
    kubelet: limit.optional(),
  }).optional(),
  percentageOfNodesToScore: whole(0, 100).optional(),
  heartbeats: oneOf(['exact', 'derived']).optional(),
  compactionInterval: duration.optional(),
  webhooks: webhooks.optional(),
});

const target = { kind: name, name, namespace: name.optional() };

/** An object, or the path of a file of objects. Objects are checked as manifests are. */
const applied = z.union([name, z.record(z.string(), z.unknown())], {
  error: (issue) => `expected the path of a file or an object, found ${shown(issue.input)}`,
});

const timelineWords = ['apply', 'delete', 'scale', 'crash', 'expireCertificate'] as const;

/** What a person does, who may do it for another. */
const kubectlWords = ['apply', 'delete', 'scale'] as const;

/** A process, or a node's kubelet. */
const oneProcess = fields({ process: name.optional(), node: name.optional() }).refine(
  ({ process, node }) => (process === undefined) !== (node === undefined),
  { error: 'expected either process or node' },
);

const timelineEntry = fields({
  at: duration,
  apply: z
    .union([applied, list(applied)], {
      error: (issue) =>
        `expected the path of a file, an object or a list of them, found ${shown(issue.input)}`,
    })
    .optional(),
  delete: fields({ ...target, gracePeriodSeconds: whole(0).optional() }).optional(),
  scale: fields({ ...target, replicas: whole(0) }).optional(),
  crash: oneProcess.optional(),
  expireCertificate: oneProcess.optional(),
  for: duration.optional(),
  as: name.optional(),
  asGroups: list(name).optional(),
  serverSide: truth.optional(),
  forceConflicts: truth.optional(),
})
  .refine((entry) => timelineWords.filter((word) => entry[word] !== undefined).length === 1, {
    error: `expected one of ${timelineWords.join(', ')} beside at`,
  })
  .refine(
    ({ for: lasting, crash, expireCertificate }) =>
      lasting === undefined || crash !== undefined || expireCertificate !== undefined,
    { error: 'belongs beside crash or expireCertificate', path: ['for'] },
  )
  .refine((entry) => entry.as === undefined || kubectlWords.some((word) => entry[word] !== undefined), {
    error: `belongs beside ${kubectlWords.join(', ')}`,
    path: ['as'],
  })
  .refine((entry) => entry.serverSide === undefined || entry.apply !== undefined, {
    error: 'belongs beside apply',
    path: ['serverSide'],
  })
  .refine((entry) => entry.forceConflicts === undefined || entry.serverSide === true, {
    error: 'belongs beside serverSide: true',
    path: ['forceConflicts'],
  })
  .refine((entry) => entry.asGroups === undefined || entry.as !== undefined, {
    error: 'belongs beside as',
    path: ['asGroups'],
  });

const expectation = fields({
  eventually: fields({ after: duration.default(0), within: duration, that: name }).optional(),
  always: fields({ after: duration.optional(), that: name }).optional(),
}).refine(({ eventually, always }) => (eventually === undefined) !== (always === undefined), {
  error: 'expected either eventually or always',
});

const seed = z.union([z.string(), z.int()], {
  error: (issue) => `expected text or a whole number, found ${shown(issue.input)}`,
});

export const scenarioSchema = fields({
  apiVersion: z.literal('wavetank/v1', {
    error: (issue) => `expected wavetank/v1, found ${shown(issue.input)}`,
  }),
  kind: z.literal('Scenario'),
  metadata: fields({
    name: name.optional(),
    labels: texts.optional(),
    annotations: texts.optional(),
  }).optional(),
  spec: fields({
    seed: seed.optional(),
    duration: positive.optional(),
    nodes: list(nodes).optional(),
    images: fields({ default: image.optional(), byName: z.record(z.string(), image).optional() }).optional(),
    network: fields({
      clientToApiserver: distribution.optional(),
      apiserverToEtcd: distribution.optional(),
      etcdCommit: distribution.optional(),
    }).optional(),
    components: components.optional(),
    manifests: list(name).optional(),
    timeline: list(timelineEntry).optional(),
    expect: list(expectation).optional(),
  }).optional(),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioSpec = NonNullable<Scenario['spec']>;

/** What a scenario file may say, as JSON Schema for editors. */
export const scenarioJsonSchema = (): object =>
  z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' });
