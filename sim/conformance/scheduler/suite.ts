/**
 * The scheduler suite: Pods on which kube-scheduler 1.34.1 decided, and queues of Pods it scheduled one after another.
 * Every field of a recording is compared. Left out, as its README says: the reason "no new claims to deallocate"; a
 * preemption is compared where one was recorded; `wantFixed` is asked of the switch exactNamespaceSelector.
 */
import * as z from 'zod';
import { setPod } from '../../../core/scheduler/cache.ts';
import type { Profile } from '../../../core/scheduler/framework.ts';
import { configuredProfile } from '../../../core/scheduler/plugins/registry.ts';
import { firstDifference } from '../difference.ts';
import { parseCases } from '../input.ts';
import type { CaseResult, Suite } from '../run.ts';
import { clusterOf, podOf, type Recorded, type RecordedCluster } from './cluster.ts';
import { decisionOn, type RecordedDecision } from './decision.ts';

const recordedObject = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
const objects = z.array(recordedObject);
const caseSchema = z.looseObject({
  name: z.string(),
  nodes: objects,
  pods: objects.optional(),
  pod: recordedObject.optional(),
  arrivals: objects.optional(),
  pluginConfig: z
    .array(z.looseObject({ name: z.string(), args: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
  want: z.looseObject({}),
  wantFixed: z.looseObject({}).optional(),
});
/** Beside the cases lies a file that tells with which gates and plugins they were recorded. */
const isAboutTheRecorder = (content: object): boolean =>
  !('cases' in content) && 'gates' in content && 'order' in content;

const fileSchema = z.looseObject({ family: z.string(), cases: z.array(caseSchema) });

type Case = z.output<typeof caseSchema>;
type Fields = Readonly<Record<string, unknown>>;

/** In the order in which a decision is made: the first of them that differs explains the others. */
const parts: Readonly<Record<string, readonly string[]>> = {
  preFilter: ['preFilter'],
  filter: ['filter'],
  raw: ['raw', 'skipScore'],
  normalised: ['scores', 'weights'],
  total: ['total'],
  best: ['best', 'nominatedFirst'],
  preemption: ['postFilter'],
};

function* run(fileText: string, fileName: string): Iterable<CaseResult> {
  const content = parseCases(fileText, fileName, z.looseObject({}));
  if (isAboutTheRecorder(content)) return;
  const { family, cases } = parseCases(fileText, fileName, fileSchema);
  for (const recorded of cases)
    if (recorded.arrivals === undefined) yield onePod(family, recorded);
    else yield aQueue(family, recorded, recorded.arrivals as readonly Recorded[]);
}

const inputOf = (recorded: Case): RecordedCluster =>
  ({ ...recorded, pods: recorded.pods ?? [] }) as unknown as RecordedCluster;

function onePod(family: string, recorded: Case): CaseResult {
  const config = recorded.pluginConfig ?? [];
  const first = compared(family, recorded, recorded.want, configuredProfile(config));
  if (recorded.wantFixed === undefined || !first.passed) return first;
  const exact = { name: 'InterPodAffinity', args: { exactNamespaceSelector: true } };
  const fixed = compared(family, recorded, recorded.wantFixed, configuredProfile([...config, exact]));
  return fixed.passed ? first : { ...fixed, difference: `wantFixed: ${fixed.difference ?? ''}` };
}

function compared(family: string, recorded: Case, want: Fields, profile: Profile): CaseResult {
  const decision = decisionOn({
    pod: podOf(recorded.pod as Recorded),
    cluster: clusterOf(inputOf(recorded)),
    profile,
    all: family !== 'nominated',
  });
  const got: Fields = { ...decision };
  const agreed: Record<string, boolean> = {};
  let difference: string | undefined;
  for (const [part, fields] of Object.entries(parts)) {
    if (part === 'preemption' && want['postFilter'] === undefined) continue;
    const found = fields
      .map((field) => firstDifference(comparable(field, want), comparable(field, got), field))
      .find((text) => text !== undefined);
    agreed[part] = found === undefined;
    difference ??= found;
  }
  return { name: recorded.name, passed: difference === undefined, difference, family, agreed };
}

const deviceReason = 'no new claims to deallocate';

function comparable(field: string, decision: Fields): unknown {
  const value = decision[field];
  if (field !== 'postFilter' || value === undefined) return value;
  const { reasons, ...others } = value as { readonly reasons?: readonly string[] };
  const told = reasons?.filter((reason) => reason !== deviceReason);
  return told === undefined || told.length === 0 ? others : { ...others, reasons: told };
}

interface Step {
  readonly pod: string;
  readonly best: readonly string[];
  readonly choice: string;
  readonly total?: Readonly<Record<string, number>>;
  readonly rejected?: Readonly<Record<string, string>>;
}

/** Pods that arrive one after another: the first of the best is taken, and the Pod counts there from then on. */
function aQueue(family: string, recorded: Case, arrivals: readonly Recorded[]): CaseResult {
  const profile = configuredProfile(recorded.pluginConfig ?? []);
  const wanted = recorded.want['steps'] as readonly Step[];
  let cluster = clusterOf(inputOf(recorded));
  for (const [i, arrival] of arrivals.entries()) {
    const pod = podOf(arrival);
    const decision = decisionOn({ pod, cluster, profile, all: false });
    const step = stepOf(pod.metadata.uid, decision);
    const difference = firstDifference(wanted[i], step, `steps[${i}]`);
    if (difference !== undefined)
      return { name: recorded.name, passed: false, difference, family, agreed: { steps: false } };
    if (step.choice === '') continue;
    const bound = { ...pod, spec: { ...pod.spec, nodeName: step.choice } };
    cluster = { ...cluster, cache: setPod(cluster.cache, bound) };
  }
  const passed = wanted.length === arrivals.length;
  const difference = passed ? undefined : `want ${wanted.length} steps, got ${arrivals.length}`;
  return { name: recorded.name, passed, difference, family, agreed: { steps: passed } };
}

function stepOf(pod: string, { best, total, filter }: RecordedDecision): Step {
  const rejected = Object.fromEntries(
    Object.entries(filter).flatMap(([node, verdict]) =>
      'ok' in verdict ? [] : [[node, verdict.plugin ?? ''] as const],
    ),
  );
  return {
    pod,
    best,
    choice: best[0] ?? '',
    ...(total === undefined ? {} : { total }),
    ...(Object.keys(rejected).length === 0 ? {} : { rejected }),
  };
}

export const schedulerSuite: Suite = { name: 'scheduler', run };
