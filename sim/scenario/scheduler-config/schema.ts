/**
 * What a KubeSchedulerConfiguration may say: kubescheduler.config.k8s.io/v1, with the arguments of the default plugins.
 * (kubernetes v1.34.1 pkg/scheduler/apis/config/validation/validation.go, validation_pluginargs.go)
 */
import * as z from 'zod';
import type { FieldError } from '../../../core/api/field-error.ts';
import type { NodeAffinity } from '../../../core/api/generated/types.ts';
import { checkAffinity } from '../../../core/api/validation/placement.ts';
import { qualifiedNameErrors } from '../../../core/text/label-format.ts';
import { shown } from '../../input/problem.ts';
import { duration, fields, list, name, oneOf, rate, text, whole } from '../words.ts';

const int32 = 2_147_483_647;
const flag = z.boolean({ error: (issue) => `expected true or false, found ${shown(issue.input)}` });
const anything = z.record(z.string(), z.unknown(), {
  error: (issue) => `expected a mapping, found ${shown(issue.input)}`,
});

/** A plugin that is there twice is told at its place. */
const plugins = list(fields({ name, weight: whole(1, int32).optional() })).superRefine((given, context) => {
  for (const [i, plugin] of given.entries())
    if (given.findIndex((other) => other.name === plugin.name) < i)
      context.addIssue({
        code: 'custom',
        path: [i, 'name'],
        message: `${shown(plugin.name)} is there twice`,
      });
});
const pluginSet = fields({ enabled: plugins.optional(), disabled: plugins.optional() });

const set = pluginSet.optional();
const pluginSets = fields({
  multiPoint: set,
  preEnqueue: set,
  queueSort: set,
  preFilter: set,
  filter: set,
  postFilter: set,
  preScore: set,
  score: set,
  reserve: set,
  permit: set,
  preBind: set,
  bind: set,
  postBind: set,
});

export type PluginSets = z.output<typeof pluginSets>;

const profile = fields({
  schedulerName: name.optional(),
  percentageOfNodesToScore: whole(0, 100).optional(),
  plugins: pluginSets.optional(),
  pluginConfig: list(fields({ name, args: anything.optional() })).optional(),
});

export const configurationSchema = fields({
  apiVersion: oneOf(['kubescheduler.config.k8s.io/v1']),
  kind: oneOf(['KubeSchedulerConfiguration']),
  parallelism: whole(1, int32).optional(),
  leaderElection: fields({
    leaderElect: flag.optional(),
    leaseDuration: duration.optional(),
    renewDeadline: duration.optional(),
    retryPeriod: duration.optional(),
    resourceLock: text.optional(),
    resourceName: text.optional(),
    resourceNamespace: text.optional(),
  }).optional(),
  clientConnection: fields({
    kubeconfig: text.optional(),
    acceptContentTypes: text.optional(),
    contentType: text.optional(),
    qps: rate.optional(),
    burst: whole(0, int32).optional(),
  }).optional(),
  enableProfiling: flag.optional(),
  enableContentionProfiling: flag.optional(),
  percentageOfNodesToScore: whole(0, 100).optional(),
  podInitialBackoffSeconds: whole(1).optional(),
  podMaxBackoffSeconds: whole(1).optional(),
  profiles: list(profile).optional(),
  extenders: list(z.unknown())
    .max(0, { error: 'extenders are HTTP servers of their own and cannot be simulated; remove them' })
    .optional(),
  delayCacheUntilActive: flag.optional(),
});

export type Configuration = z.output<typeof configurationSchema>;

const qualified = text.refine((value) => qualifiedNameErrors(value).length === 0, {
  error: (issue) => `expected a name such as cpu or example.com/foo, found ${shown(issue.input)}`,
});

const requirement = fields({
  key: name,
  operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
  values: list(text).optional(),
});
const term = fields({
  matchExpressions: list(requirement).optional(),
  matchFields: list(requirement).optional(),
});

const shape = list(fields({ utilization: whole(0, 100), score: whole(0, 10).default(0) }))
  .min(1, { error: 'at least one point must be specified' })
  .refine(
    (points) => points.every((point, i) => i === 0 || point.utilization > (points[i - 1]?.utilization ?? 0)),
    {
      error: 'utilization values must be sorted in increasing order',
    },
  );

const scoringStrategy = fields({
  type: oneOf(['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']).optional(),
  resources: list(fields({ name, weight: whole(1, 100).optional() })).optional(),
  requestedToCapacityRatio: fields({ shape }).optional(),
}).refine(
  ({ type, requestedToCapacityRatio: given }) =>
    (type === 'RequestedToCapacityRatio') === (given !== undefined),
  {
    error: 'requestedToCapacityRatio belongs to type RequestedToCapacityRatio, and must be specified with it',
  },
);

const spreadConstraint = fields({
  maxSkew: whole(1, int32),
  topologyKey: qualified,
  whenUnsatisfiable: oneOf(['DoNotSchedule', 'ScheduleAnyway']),
  minDomains: whole(1, int32).optional(),
  nodeAffinityPolicy: oneOf(['Honor', 'Ignore']).optional(),
  nodeTaintsPolicy: oneOf(['Honor', 'Ignore']).optional(),
});

interface InnerProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the API has against an affinity, by its place in it. */
function affinityProblems(affinity: object): readonly InnerProblem[] {
  const errors: FieldError[] = [];
  checkAffinity(errors, '', { nodeAffinity: affinity as NodeAffinity });
  return errors.map(({ field, type, detail }) => ({
    path: [...field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)]
      .slice(1)
      .map(([, name, index]) => (index === undefined ? (name ?? '') : Number(index))),
    message: `${type}: ${detail}`,
  }));
}

const isDistinct = (keys: readonly string[]): boolean => new Set(keys).size === keys.length;

/** The name of a plugin and the fields of its arguments, with the kind that they may call themselves. */
const argumentsOf = <Shape extends z.ZodRawShape>(kind: string, shapeOf: Shape) =>
  fields({
    apiVersion: oneOf(['kubescheduler.config.k8s.io/v1']).optional(),
    kind: oneOf([kind]).optional(),
    ...shapeOf,
  });

/** The arguments that plugins take. */
export const argumentSchemas: Readonly<Record<string, z.ZodType<object>>> = {
  DefaultPreemption: argumentsOf('DefaultPreemptionArgs', {
    minCandidateNodesPercentage: simulatedOnlyAs(10),
    minCandidateNodesAbsolute: simulatedOnlyAs(100),
  }),
  InterPodAffinity: argumentsOf('InterPodAffinityArgs', {
    hardPodAffinityWeight: whole(0, 100).optional(),
    ignorePreferredTermsOfExistingPods: flag.optional(),
  }),
  NodeAffinity: argumentsOf('NodeAffinityArgs', {
    addedAffinity: fields({
      requiredDuringSchedulingIgnoredDuringExecution: fields({ nodeSelectorTerms: list(term) }).optional(),
      preferredDuringSchedulingIgnoredDuringExecution: list(
        fields({ weight: whole(1, 100), preference: term }),
      ).optional(),
    })
      .superRefine((affinity, context) => {
        for (const { path, message } of affinityProblems(affinity))
          context.addIssue({ code: 'custom', path: [...path], message });
      })
      .optional(),
  }),
  NodeResourcesBalancedAllocation: argumentsOf('NodeResourcesBalancedAllocationArgs', {
    resources: list(fields({ name, weight: whole(1, 1).optional() }))
      .refine((given) => isDistinct(given.map((one) => one.name)), { error: 'a resource is there twice' })
      .optional(),
  }),
  NodeResourcesFit: argumentsOf('NodeResourcesFitArgs', {
    ignoredResources: list(qualified).optional(),
    ignoredResourceGroups: list(
      qualified.refine((group) => !group.includes('/'), { error: "resource group name can't contain '/'" }),
    ).optional(),
    scoringStrategy: scoringStrategy.optional(),
  }),
  PodTopologySpread: argumentsOf('PodTopologySpreadArgs', {
    defaultConstraints: list(spreadConstraint)
      .refine((given) => isDistinct(given.map((one) => `${one.topologyKey} ${one.whenUnsatisfiable}`)), {
        error: 'two constraints have one topologyKey and one whenUnsatisfiable',
      })
      .optional(),
    defaultingType: oneOf(['System', 'List']).optional(),
  }).refine(
    ({ defaultConstraints = [], defaultingType }) =>
      defaultingType === 'List' || defaultConstraints.length === 0,
    { error: 'defaultConstraints need defaultingType: List' },
  ),
  // Nothing is allocated by DynamicResources here, so nothing takes that long.
  DynamicResources: argumentsOf('DynamicResourcesArgs', { filterTimeout: duration.optional() }),
  VolumeBinding: argumentsOf('VolumeBindingArgs', { bindTimeoutSeconds: whole(0, int32).optional() }),
};

function simulatedOnlyAs(value: number): z.ZodOptional<z.ZodLiteral<number>> {
  return z
    .literal(value, {
      error: (issue) => `only the default, ${value}, can be simulated, found ${shown(issue.input)}`,
    })
    .optional();
}
