/**
 * The one source of what a Scenario may say: it validates, it gives the types, and `scenarioJsonSchema` is made of it.
 * The words are Kubernetes' own wherever it has one.
 */
import * as z from 'zod';
import { isSelectorError, parseLabelSelector } from '../../core/api/selector.ts';
import { parseTaintChange, taintEffects, type TaintChange } from '../../core/client/kubectl-taint.ts';
import { load } from './metric-load-schema.ts';
import { shown } from '../input/problem.ts';
import {
  distribution,
  duration,
  fields,
  list,
  name,
  oneOf,
  positive,
  quantities,
  quantity,
  rate,
  text,
  texts,
  truth,
  whole,
} from './words.ts';

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

/** As a Job's status writes them: `0,3-5`. */
const completionIndexes = z
  .union([text, whole(0)], { error: (issue) => indexesExpected(issue.input) })
  .transform((given, context): readonly IndexRange[] => {
    const ranges = String(given).split(',').map(indexRange);
    const read = ranges.flatMap((range) => (range === undefined ? [] : [range]));
    if (read.length === ranges.length) return read;
    context.issues.push({ code: 'custom', message: indexesExpected(given), input: given });
    return z.NEVER;
  });

interface IndexRange {
  readonly from: number;
  readonly to: number;
}

const indexesExpected = (found: unknown): string =>
  `expected completion indexes such as 0,3-5, found ${shown(found)}`;

function indexRange(part: string): IndexRange | undefined {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim());
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match === null || from > to ? undefined : { from, to };
}

const image = fields({
  pull: distribution.optional(),
  startup: distribution.optional(),
  exitAfter: distribution.optional(),
  exitCode: whole(0, 255).optional(),
  byCompletionIndex: list(
    fields({
      indexes: completionIndexes,
      exitAfter: distribution.optional(),
      exitCode: whole(0, 255).optional(),
    }),
  ).optional(),
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
  schedulers: whole(1, 16).optional(),
  controllerManagers: whole(1, 16).optional(),
  leaderElection: truth.optional(),
  controllers: list(name).optional(),
  apiserver: apiserver.optional(),
  authorizationMode: oneOf(['AlwaysAllow', 'Node,RBAC']).optional(),
  limits: fields({
    controllerManager: limit.optional(),
    scheduler: limit.optional(),
    kubelet: limit.optional(),
  }).optional(),
  percentageOfNodesToScore: whole(0, 100).optional(),
  scheduler: fields({ config: name.optional(), plugins: list(name).optional() }).optional(),
  heartbeats: oneOf(['exact', 'derived']).optional(),
  compactionInterval: duration.optional(),
  webhooks: webhooks.optional(),
});

const target = { kind: name, name, namespace: name.optional() };

/** An object, or the path of a file of objects. Objects are checked as manifests are. */
const applied = z.union([name, z.record(z.string(), z.unknown())], {
  error: (issue) => `expected the path of a file or an object, found ${shown(issue.input)}`,
});

/** What a person does, who may do it for another. */
const kubectlWords = ['apply', 'delete', 'scale', 'cordon', 'uncordon', 'drain', 'evict', 'taint'] as const;
const timelineWords = [...kubectlWords, 'crash', 'expireCertificate', 'clock'] as const;

const taintChange = text.transform((given, context): TaintChange => {
  const change = parseTaintChange(given);
  if (change !== undefined) return change;
  const message = `expected a taint such as gpu=true:NoSchedule, with a dash behind it to remove one (gpu:NoSchedule-, gpu-), found ${shown(given)}; effects: ${taintEffects.join(', ')}`;
  context.issues.push({ code: 'custom', message, input: given });
  return z.NEVER;
});

const labelSelector = text.refine((given) => !isSelectorError(parseLabelSelector(given)), {
  error: (issue) => `expected a selector such as app=web,tier!=db, found ${shown(issue.input)}`,
});

/** The flags of `kubectl drain`. */
const drain = fields({
  node: name,
  ignoreDaemonSets: truth.default(false),
  force: truth.default(false),
  deleteEmptyDirData: truth.default(false),
  gracePeriodSeconds: whole(0).optional(),
  timeout: duration.default(0),
  podSelector: labelSelector.default(''),
});

/** A process, or a node's kubelet. */
const oneProcess = fields({ process: name.optional(), node: name.optional() }).refine(
  ({ process, node }) => (process === undefined) !== (node === undefined),
  { error: 'expected either process or node' },
);

/** A process's own clock: wrong by so much, and running at so many times the speed of time. */
const clock = fields({
  process: name.optional(),
  node: name.optional(),
  ahead: duration.default(0),
  behind: duration.default(0),
  rate: rate.refine((value) => value > 0, { error: 'must be more than nothing' }).default(1),
}).refine(({ process, node }) => (process === undefined) !== (node === undefined), {
  error: 'expected either process or node',
});

const timelineEntry = fields({
  at: duration,
  apply: z
    .union([applied, list(applied)], {
      error: (issue) =>
        `expected the path of a file, an object or a list of them, found ${shown(issue.input)}`,
    })
    .optional(),
  delete: fields({
    ...target,
    gracePeriodSeconds: whole(0).optional(),
    cascade: oneOf(['background', 'foreground', 'orphan']).optional(),
  }).optional(),
  scale: fields({ ...target, replicas: whole(0) }).optional(),
  cordon: fields({ node: name }).optional(),
  uncordon: fields({ node: name }).optional(),
  drain: drain.optional(),
  evict: fields({ name, namespace: name.optional(), gracePeriodSeconds: whole(0).optional() }).optional(),
  taint: fields({ node: name, taints: list(taintChange), overwrite: truth.default(false) }).optional(),
  crash: oneProcess.optional(),
  expireCertificate: oneProcess.optional(),
  clock: clock.optional(),
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
    ({ for: lasting, crash, expireCertificate, clock: wrong }) =>
      lasting === undefined || crash !== undefined || expireCertificate !== undefined || wrong !== undefined,
    { error: 'belongs beside crash, expireCertificate or clock', path: ['for'] },
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
    load: list(load).optional(),
    timeline: list(timelineEntry).optional(),
    expect: list(expectation).optional(),
  }).optional(),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioSpec = NonNullable<Scenario['spec']>;

/** What a scenario file may say, as JSON Schema for editors. */
export const scenarioJsonSchema = (): object =>
  z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' });
