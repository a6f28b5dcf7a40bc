/** What may be changed of a Pod. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidatePodUpdate) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import { internal, internalList } from '../go/internal.ts';
import { unifiedDiff } from '../go/unified-diff.ts';
import type { Affinity, NodeSelectorTerm, Pod, PodSpec } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { checkImage } from './container.ts';
import { json, subdomain, type Errors } from './fields.ts';
import { checkMetadata } from './metadata.ts';
import { checkTolerations } from './placement.ts';
import { checkPodAnnotations, checkPodAnnotationsUpdate } from './pod-annotations.ts';
import { checkWholePod } from './pod.ts';

const mayChange =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What a Pod's owner may change: images, an earlier deadline, more tolerations; while it is gated, where it may run. */
export function checkPodUpdate(errors: Errors, next: Pod, before: Pod): void {
  const isSameSpec = next.spec === before.spec;
  const { annotations, labels, ownerReferences, finalizers } = next.metadata;
  const { metadata: was } = before;
  const isSameMetadata =
    annotations === was.annotations &&
    labels === was.labels &&
    ownerReferences === was.ownerReferences &&
    finalizers === was.finalizers;
  if (isSameSpec && isSameMetadata) return; // a status, nearly always
  if (!isSameMetadata) checkMetadata(errors, next.metadata, true, subdomain);
  checkWholePod(errors, next);
  if (annotations !== was.annotations) {
    checkPodAnnotationsUpdate(errors, 'metadata.annotations', annotations, was.annotations);
    checkPodAnnotations(errors, 'metadata.annotations', annotations ?? {}, next.spec);
  }
  if (!isSameSpec) checkSpecUpdate(errors, next.spec, before.spec);
}

function checkSpecUpdate(errors: Errors, next: PodSpec, before: PodSpec): void {
  for (const part of ['containers', 'initContainers'] as const) {
    const list = next[part] ?? [];
    if (list.length !== (before[part] ?? []).length) {
      errors.push(forbidden(`spec.${part}`, `pod updates may not add or remove containers`));
      return;
    }
    list.forEach((container, i) => {
      if ((container.image ?? '') === '') errors.push(required(`spec.${part}[${i}].image`));
      checkImage(errors, `spec.${part}[${i}]`, container);
    });
  }
  if (!checkDeadline(errors, next.activeDeadlineSeconds, before.activeDeadlineSeconds)) return;
  checkAddedTolerations(errors, next, before);
  checkDeletedGates(errors, next, before);
  if (same(next, before)) return;
  if ((before.schedulingGates ?? []).length > 0) checkGatedUpdate(errors, next, before);
  const changed = unchangeable(next, before);
  if (!same(changed, before)) errors.push(forbidden('spec', `${mayChange}\n${specDiff(before, changed)}`));
}

const specDiff = (before: PodSpec, next: PodSpec): string =>
  unifiedDiff(internal('PodSpec', before), internal('PodSpec', next));

/** 2^31 - 1 seconds. */
const mostSeconds = 2_147_483_647;

/** Whether to go on: a deadline that is wrong ends the search. */
function checkDeadline(errors: Errors, next: number | undefined, before: number | undefined): boolean {
  const wrong = (detail: string): boolean => {
    errors.push(invalidValue('spec.activeDeadlineSeconds', next ?? null, detail));
    return next === undefined;
  };
  if (next === undefined)
    return before === undefined || wrong('must not update from a positive integer to nil value');
  if (next < 0 || next > mostSeconds) return wrong(`must be between 0 and ${mostSeconds}, inclusive`);
  if (before !== undefined && before < next) return wrong('must be less than or equal to previous value');
  return true;
}

function checkAddedTolerations(errors: Errors, next: PodSpec, before: PodSpec): void {
  const now = (next.tolerations ?? []).map(({ tolerationSeconds: _, ...rest }) => rest);
  const missing = (before.tolerations ?? []).some(
    ({ tolerationSeconds: _, ...old }) => !now.some((toleration) => same(old, toleration)),
  );
  if (missing)
    errors.push(
      forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
    );
  else checkTolerations(errors, 'spec.tolerations', next.tolerations);
}

function checkDeletedGates(errors: Errors, next: PodSpec, before: PodSpec): void {
  const gates = (before.schedulingGates ?? []).map((gate) => gate.name);
  (next.schedulingGates ?? []).forEach(({ name }, i) => {
    if (!gates.includes(name))
      errors.push(
        forbidden(
          `spec.schedulingGates[${i}].name`,
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
  });
}

/** A Pod that waits at a gate may be told more exactly where to run, never otherwise. */
function checkGatedUpdate(errors: Errors, next: PodSpec, before: PodSpec): void {
  const [now, was] = [next.nodeSelector ?? {}, before.nodeSelector ?? {}];
  if (Object.keys(was).some((key) => now[key] !== was[key]))
    errors.push(
      invalidValue(
        'spec.nodeSelector',
        json(next.nodeSelector),
        'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ),
    );
  if (before.affinity?.nodeAffinity === undefined) return;
  const field = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const [terms, old] = [termsOf(next.affinity), termsOf(before.affinity)];
  if (old.length === 0) return;
  if (old.length !== terms.length) {
    errors.push(
      invalidValue(
        field,
        terms.length === 0 ? null : internalList('NodeSelectorTerm', terms),
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    );
    return;
  }
  terms.forEach((term, i) => {
    if (!hasOnlyAdditions(term, old[i] ?? {}))
      errors.push(
        invalidValue(
          `${field}[${i}]`,
          internal('NodeSelectorTerm', term),
          'only additions are allowed (no mutations or deletions)',
        ),
      );
  });
}

const termsOf = (affinity: Affinity | undefined): readonly NodeSelectorTerm[] =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

/** What was there is there still, and an empty term stays empty: it selects nothing. */
function hasOnlyAdditions(next: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const [fields, expressions] = [before.matchFields ?? [], before.matchExpressions ?? []];
  const isEmpty = fields.length === 0 && expressions.length === 0;
  const isNowEmpty = (next.matchFields ?? []).length === 0 && (next.matchExpressions ?? []).length === 0;
  if (isEmpty && !isNowEmpty) return false;
  return (
    fields.every((one, i) => same(one, next.matchFields?.[i])) &&
    expressions.every((one, i) => same(one, next.matchExpressions?.[i]))
  );
}

/** The new spec with everything that may change put back. */
function unchangeable(next: PodSpec, before: PodSpec): PodSpec {
  const back = (
    list: PodSpec['containers'] | undefined,
    old: PodSpec['containers'] | undefined,
  ): PodSpec['containers'] | undefined =>
    list?.map((container, i) => ({ ...container, image: old?.[i]?.image }));
  const wasNegative =
    (before.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1;
  const gated = (before.schedulingGates ?? []).length > 0;
  return {
    ...next,
    containers: back(next.containers, before.containers) ?? [],
    initContainers: back(next.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    ...(wasNegative ? { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds } : {}),
    ...(gated
      ? { nodeSelector: before.nodeSelector, affinity: withNodeAffinityOf(next.affinity, before.affinity) }
      : {}),
  };
}

/** The affinity with the old say on Nodes; undefined where nothing else is said. */
function withNodeAffinityOf(next: Affinity | undefined, before: Affinity | undefined): Affinity | undefined {
  const put = { ...next, nodeAffinity: before?.nodeAffinity };
  const isBare = put.podAffinity === undefined && put.podAntiAffinity === undefined;
  return isBare && put.nodeAffinity === undefined && before === undefined ? undefined : put;
}
