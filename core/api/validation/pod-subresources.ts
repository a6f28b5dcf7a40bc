/**
 * What may be changed of a Pod through `ephemeralcontainers` and `resize`. (kubernetes v1.34.1
 * pkg/apis/core/validation/validation.go, ValidatePodEphemeralContainersUpdate and ValidatePodResize)
 */
import { forbidden, invalidValue, type FieldError } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import { unifiedDiff } from '../go/unified-diff.ts';
import type { Container, Pod, ResourceRequirements } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { isMirror, isRestartableInit, qosClassOf } from '../pod.ts';
import { compareQuantities } from '../../text/quantity.ts';
import { checkWholePod } from './pod.ts';

/** How Go writes a path whose only name is empty. */
const noPath = '[]';

/** Both Pods differ in nothing but their ephemeral containers: more may come, none may change or go. */
export function ephemeralContainersErrors(next: Pod, before: Pod): readonly FieldError[] {
  if (isMirror(before)) return [forbidden(noPath, 'static pods do not support ephemeral containers')];
  const errors: FieldError[] = [];
  if (next.spec !== before.spec) checkWholePod(errors, next);
  const field = 'spec.ephemeralContainers';
  for (const old of before.spec.ephemeralContainers ?? []) {
    // Of two with one name the last counts.
    const now = next.spec.ephemeralContainers?.findLast(({ name }) => name === old.name);
    const which = `existing ephemeral containers ${JSON.stringify(old.name)}`;
    if (now === undefined) errors.push(forbidden(field, `${which} may not be removed\n`));
    else if (!same(now, old)) {
      const [was, is] = [internal('EphemeralContainer', old), internal('EphemeralContainer', now)];
      errors.push(forbidden(field, `${which} may not be changed\n${unifiedDiff(was, is)}`));
    }
  }
  return errors;
}

const onlyCpuAndMemory = 'only cpu and memory resources are mutable';

/** The Pods differ in nothing but resources and resize policies, unless containers were added, removed or renamed. */
export function resizeErrors(next: Pod, before: Pod): readonly FieldError[] {
  const refusal = unresizable(next, before);
  if (refusal !== undefined) return [forbidden(noPath, refusal)];
  const errors: FieldError[] = [];
  if (next.spec !== before.spec) checkWholePod(errors, next);
  const { qosClass } = before.status;
  if (qosClassOf(before) !== qosClassOf({ spec: next.spec }))
    errors.push(invalidValue('spec', qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  if (!isOnResizingNode(before))
    errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  const misplaced = orderErrors(next, before);
  if (misplaced.length > 0) return [...errors, ...misplaced];
  forEachPair(next, before, 'initContainers', (now, old, field) => {
    if (isRestartableInit(old)) checkNothingRemoved(errors, `${field}.resources`, now, old);
  });
  forEachPair(next, before, 'containers', (now, old, field) => {
    checkNothingRemoved(errors, `${field}.resources`, now, old);
    if (!isSameButCpuAndMemory(now, old)) errors.push(forbidden('spec', onlyCpuAndMemory));
  });
  forEachPair(next, before, 'initContainers', (now, old) => {
    if (isRestartableInit(now)) {
      if (!isSameButCpuAndMemory(now, old))
        errors.push(forbidden('spec', 'only cpu and memory resources for sidecar containers are mutable'));
    } else if (!same(now, old))
      errors.push(forbidden('spec', 'resources for non-sidecar init containers are immutable'));
  });
  return errors;
}

/** Why a Pod cannot be resized at all. */
function unresizable(next: Pod, before: Pod): string | undefined {
  if (hasOwnResources(before) || hasOwnResources(next))
    return 'pods with pod-level resources cannot be resized';
  if (isMirror(before)) return 'static pods cannot be resized';
  return before.spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

const sizeOf = (list: ResourceRequirements['limits']): number => Object.keys(list ?? {}).length;

const hasOwnResources = ({ spec: { resources } }: Pod): boolean =>
  sizeOf(resources?.requests) + sizeOf(resources?.limits) > 0;

/** Its kubelet says what a running container has got; until one runs it is taken for one that resizes. */
function isOnResizingNode({ status }: Pod): boolean {
  const running = status.containerStatuses?.find(({ state }) => state?.running !== undefined);
  return running === undefined || running.resources !== undefined;
}

const parts = ['containers', 'initContainers'] as const;
type Part = (typeof parts)[number];

function orderErrors(next: Pod, before: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const part of parts) {
    const [now, old] = [next.spec[part] ?? [], before.spec[part] ?? []];
    if (now.length !== old.length)
      errors.push(forbidden(`spec.${part}`, `${part} may not be added or removed on resize`));
    else
      now.forEach(({ name }, i) => {
        if (name !== old[i]?.name)
          errors.push(
            forbidden(`spec.${part}[${i}].name`, `${part} may not be renamed or reordered on resize`),
          );
      });
  }
  return errors;
}

/** The containers of a part, each with what it was. */
function forEachPair(
  next: Pod,
  before: Pod,
  part: Part,
  look: (now: Container, old: Container, field: string) => void,
): void {
  next.spec[part]?.forEach((now, i) => {
    const old = before.spec[part]?.[i];
    if (old !== undefined) look(now, old, `spec.${part}[${i}]`);
  });
}

function checkNothingRemoved(errors: FieldError[], field: string, now: Container, old: Container): void {
  for (const list of ['requests', 'limits'] as const) {
    const left = now.resources?.[list] ?? {};
    if (Object.keys(old.resources?.[list] ?? {}).some((name) => left[name] === undefined))
      errors.push(forbidden(`${field}.${list}`, `resource ${list} cannot be removed`));
  }
}

/** A container that claims devices is not the same: with its amounts put back it has lost its claims. */
function isSameButCpuAndMemory(now: Container, old: Container): boolean {
  if (!same({ ...now, resources: undefined }, { ...old, resources: undefined })) return false;
  if ((old.resources?.claims ?? []).length > 0) return false;
  return sameOthers(now, old, 'limits') && sameOthers(now, old, 'requests');
}

/** Where there was no list, nothing of the new one is looked at. */
function sameOthers(now: Container, old: Container, list: 'limits' | 'requests'): boolean {
  const [is, was] = [now.resources?.[list] ?? {}, old.resources?.[list] ?? {}];
  if (Object.keys(was).length === 0) return true;
  const others = (amounts: typeof was): readonly string[] =>
    Object.keys(amounts).filter((name) => name !== 'cpu' && name !== 'memory');
  const names = others(is);
  return (
    names.length === others(was).length &&
    names.every((name) => was[name] !== undefined && compareQuantities(is[name] ?? '0', was[name]) === 0)
  );
}
