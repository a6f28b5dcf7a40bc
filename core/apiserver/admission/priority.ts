/** Priority: the number and the policy a Pod's class stands for. (kubernetes v1.34.1 plugin/pkg/admission/priority/admission.go) */
import type { Pod, PodSpec, PriorityClass } from '../../api/generated/types.ts';
import type { View } from '../../api/view.ts';
import { refuse, type AdmissionPlugin } from './plugin.ts';

export const priority: AdmissionPlugin = {
  name: 'Priority',
  resources: ['pods', 'priorityclasses'],
  operations: ['CREATE', 'UPDATE'],
  admit: (attributes, object, context) => {
    if (attributes.resource !== 'pods' || attributes.subresource !== '') return object;
    const pod = object as Pod;
    if (attributes.operation === 'UPDATE') return keptPriority(pod, attributes.oldObject as Pod | undefined);
    const spec = withPriority(pod.spec, context.view('priorityclasses'));
    return typeof spec === 'string' ? refuse(attributes, spec) : { ...pod, spec };
  },
  validate: (attributes, context) => {
    if (attributes.resource !== 'priorityclasses' || attributes.object === undefined) return undefined;
    const made = attributes.object as PriorityClass;
    if (made.globalDefault !== true) return undefined;
    const standard = defaultClass(context.view('priorityclasses'));
    if (standard === undefined || standard.metadata.name === made.metadata.name) return undefined;
    return refuse(
      attributes,
      `PriorityClass ${standard.metadata.name} is already marked as default. Only one default can exist`,
    );
  },
};

/** Clients that know nothing of priority may leave it out of an update. */
function keptPriority(pod: Pod, old: Pod | undefined): Pod {
  if (old === undefined) return pod;
  const spec = {
    ...pod.spec,
    ...(pod.spec.priority === undefined && old.spec.priority !== undefined
      ? { priority: old.spec.priority }
      : {}),
    ...(pod.spec.preemptionPolicy === undefined && old.spec.preemptionPolicy !== undefined
      ? { preemptionPolicy: old.spec.preemptionPolicy }
      : {}),
  };
  return spec.priority === pod.spec.priority && spec.preemptionPolicy === pod.spec.preemptionPolicy
    ? pod
    : { ...pod, spec };
}

const preemptLowerPriority = 'PreemptLowerPriority';

interface Computed {
  readonly name: string | undefined;
  readonly value: number;
  readonly preemptionPolicy: string | undefined;
}

/** The spec with its class's priority, or why it may not be. */
export function withPriority(spec: PodSpec, classes: View): PodSpec | string {
  const computed = computedFor(spec, classes);
  if (typeof computed === 'string') return computed;
  const { name, value, preemptionPolicy } = computed;
  if (spec.priority !== undefined && spec.priority !== value)
    return `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
  // A class that says nothing of preemption lets the Pod say it. (One that is stored always does: it has a default.)
  if (
    preemptionPolicy !== undefined &&
    spec.preemptionPolicy !== undefined &&
    spec.preemptionPolicy !== preemptionPolicy
  )
    return `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`;
  return {
    ...spec,
    priority: value,
    priorityClassName: name,
    preemptionPolicy: spec.preemptionPolicy ?? preemptionPolicy,
  };
}

function computedFor({ priorityClassName }: PodSpec, classes: View): Computed | string {
  if (priorityClassName !== undefined && priorityClassName !== '') {
    const named = classes.objects.get(priorityClassName) as PriorityClass | undefined;
    return named === undefined ? `no PriorityClass with name ${priorityClassName} was found` : ofClass(named);
  }
  const standard = defaultClass(classes);
  return standard === undefined
    ? { name: undefined, value: 0, preemptionPolicy: preemptLowerPriority }
    : ofClass(standard);
}

const ofClass = ({ metadata, value, preemptionPolicy }: PriorityClass): Computed => ({
  name: metadata.name,
  value,
  preemptionPolicy,
});

const defaults = new WeakMap<object, { readonly found: PriorityClass | undefined }>();

/** Of several, the one of the lowest value. */
function defaultClass(classes: View): PriorityClass | undefined {
  const known = defaults.get(classes.objects);
  if (known !== undefined) return known.found;
  let found: PriorityClass | undefined;
  classes.objects.objects.scan(undefined, undefined, (_key, object) => {
    const candidate = object as unknown as PriorityClass;
    if (candidate.globalDefault === true && (found === undefined || candidate.value < found.value))
      found = candidate;
  });
  defaults.set(classes.objects, { found });
  return found;
}
