/**
 * What the default admission plugins add to a Pod's spec: ServiceAccount (its name; not the token volume),
 * DefaultTolerationSeconds, Priority. Pods of one template come with one spec object and leave with one: it is
 * remembered what was made of it.
 */
import type { PodSpec, PriorityClass, Toleration } from '../../api/generated/types.ts';
import type { Status } from '../../api/request.ts';
import { forbiddenStatus } from '../../api/status.ts';
import { objectsIn, type View } from '../../api/view.ts';

/** The admitted spec, or why the Pod may not be. */
export function admitPodSpec(spec: PodSpec, name: string, priorityClasses: View): PodSpec | Status {
  const priority = priorityOf(spec, name, priorityClasses);
  if ('code' in priority) return priority;
  const serviceAccountName = spec.serviceAccountName ?? spec.serviceAccount ?? 'default';
  return {
    ...spec,
    serviceAccountName,
    serviceAccount: serviceAccountName,
    tolerations: withDefaultTolerations(spec.tolerations ?? []),
    priority: priority.value,
    priorityClassName: priority.name,
    preemptionPolicy: priority.preemptionPolicy,
    // Binding sets it: a field that is there is changed 20 times faster than one that has to be added.
    nodeName: spec.nodeName,
  };
}

/** (kubernetes v1.34.1 plugin/pkg/admission/defaulttolerationseconds) */
const defaultTolerationSeconds = 300;
const defaultTolerationKeys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function withDefaultTolerations(tolerations: readonly Toleration[]): readonly Toleration[] {
  const missing = defaultTolerationKeys.filter(
    (key) => !tolerations.some((toleration) => tolerates(toleration, key)),
  );
  const added = missing.map((key): Toleration => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: defaultTolerationSeconds,
  }));
  return [...tolerations, ...added];
}

const tolerates = ({ key, effect }: Toleration, wanted: string): boolean =>
  (key === undefined || key === '' || key === wanted) &&
  (effect === undefined || effect === '' || effect === 'NoExecute');

interface Priority {
  readonly name: string | undefined;
  readonly value: number;
  readonly preemptionPolicy: string;
}

/** (kubernetes v1.34.1 plugin/pkg/admission/priority/admission.go) */
function priorityOf(spec: PodSpec, pod: string, view: View): Priority | Status {
  const { priorityClassName } = spec;
  if (priorityClassName === undefined || priorityClassName === '') {
    const standard = defaultClass(view);
    return checkPriority(spec, pod, standard === undefined ? noPriority : ofClass(standard));
  }
  const named = view.objects.get(priorityClassName) as PriorityClass | undefined;
  if (named === undefined)
    return forbiddenStatus('pods', pod, `no PriorityClass with name ${priorityClassName} was found`);
  return checkPriority(spec, pod, ofClass(named));
}

const noPriority: Priority = { name: undefined, value: 0, preemptionPolicy: 'PreemptLowerPriority' };

const ofClass = (object: PriorityClass): Priority => ({
  name: object.metadata.name,
  value: object.value,
  preemptionPolicy: object.preemptionPolicy ?? 'PreemptLowerPriority',
});

function checkPriority(spec: PodSpec, pod: string, priority: Priority): Priority | Status {
  if (spec.priority !== undefined && spec.priority !== priority.value)
    return forbiddenStatus(
      'pods',
      pod,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority.value} from the given PriorityClass name`,
    );
  return priority;
}

/** Of several, the one of the lowest value. */
function defaultClass(view: View): PriorityClass | undefined {
  let found: PriorityClass | undefined;
  for (const object of objectsIn(view)) {
    const candidate = object as unknown as PriorityClass;
    if (candidate.globalDefault === true && (found === undefined || candidate.value < found.value))
      found = candidate;
  }
  return found;
}
