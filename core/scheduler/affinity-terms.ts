/**
 * Terms of affinity between Pods: which Pods they are about.
 * (kubernetes v1.34.1 pkg/scheduler/framework/types.go AffinityTerm, plugins/interpodaffinity/plugin.go)
 */
import type { LabelSelector, PodAffinityTerm, WeightedPodAffinityTerm } from '../api/generated/types.ts';
import { matchesLabels, requirementsOf, type Labels, type Requirement } from '../api/selector.ts';
import type { View } from '../api/view.ts';
import type { PodInfo } from './pod-info.ts';

export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: readonly Requirement[];
  readonly namespaces: ReadonlySet<string>;
  /** Undefined: no namespace by its labels. */
  readonly namespaceSelector: readonly Requirement[] | undefined;
}

export interface WeightedTerm extends AffinityTerm {
  readonly weight: number;
}

export interface AffinityTerms {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedTerm[];
  readonly preferredAntiAffinity: readonly WeightedTerm[];
}

const none: AffinityTerms = {
  affinity: [],
  antiAffinity: [],
  preferredAffinity: [],
  preferredAntiAffinity: [],
};

interface Known {
  readonly namespace: string;
  readonly terms: AffinityTerms;
}

const remembered = new WeakMap<object, Known>();

/** The terms of a Pod. Remembered by the identity of its affinity, which the Pods of one template share. */
export function termsOf(pod: PodInfo): AffinityTerms {
  const { affinity } = pod.spec;
  if (
    affinity === undefined ||
    (affinity.podAffinity === undefined && affinity.podAntiAffinity === undefined)
  )
    return none;
  const known = remembered.get(affinity);
  if (known !== undefined && known.namespace === pod.namespace) return known.terms;
  const { podAffinity, podAntiAffinity } = affinity;
  const required = (terms: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] =>
    (terms ?? []).map((term) => affinityTerm(term, pod.namespace));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] | undefined): readonly WeightedTerm[] =>
    (terms ?? []).map(({ podAffinityTerm, weight }) => ({
      ...affinityTerm(podAffinityTerm, pod.namespace),
      weight,
    }));
  const terms: AffinityTerms = {
    affinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
  remembered.set(affinity, { namespace: pod.namespace, terms });
  return terms;
}

function affinityTerm(term: PodAffinityTerm, namespace: string): AffinityTerm {
  const { namespaces = [], namespaceSelector } = term;
  const named = namespaces.length === 0 && namespaceSelector === undefined ? [namespace] : namespaces;
  return {
    topologyKey: term.topologyKey,
    selector: requirementsOf(term.labelSelector),
    namespaces: new Set(named),
    namespaceSelector: selectorOf(namespaceSelector),
  };
}

const texts = new WeakMap<AffinityTerm, string>();

/** The same for terms that are about the same Pods by the same label. */
export function textOf(term: AffinityTerm): string {
  let text = texts.get(term);
  if (text === undefined) {
    const { topologyKey, selector, namespaces, namespaceSelector } = term;
    text = JSON.stringify([topologyKey, selector, [...namespaces].sort(), namespaceSelector]);
    texts.set(term, text);
  }
  return text;
}

const selectorOf = (selector: LabelSelector | undefined): readonly Requirement[] | undefined =>
  selector === undefined ? undefined : requirementsOf(selector);

/** Whether a term is about a Pod, whose namespace has these labels. */
export const isAbout = (term: AffinityTerm, pod: PodInfo, namespaceLabels: Labels | undefined): boolean =>
  (term.namespaces.has(pod.namespace) ||
    (term.namespaceSelector !== undefined && matchesLabels(term.namespaceSelector, namespaceLabels))) &&
  matchesLabels(term.selector, pod.labels);

/** An own term is about a Pod by the namespaces that were looked up; its selector is asked of no labels again. */
export const isAboutAll = (terms: readonly AffinityTerm[], pod: PodInfo): boolean =>
  terms.length > 0 && terms.every((term) => isAbout(term, pod, undefined));

/**
 * The terms of the Pod to be scheduled with their namespaces looked up once, after which v1.34.1 asks the selector again
 * of no labels (kubernetes/kubernetes#141526). `exact`: as it is meant, the selector has been answered.
 */
export function resolved<T extends AffinityTerm>(
  terms: readonly T[],
  namespaces: View<'namespaces'>,
  exact: boolean,
): readonly T[] {
  return terms.map((term) => {
    const { namespaceSelector } = term;
    if (namespaceSelector === undefined || namespaceSelector.length === 0) return term;
    const names = new Set(term.namespaces);
    for (const { metadata } of namespaces.objects.objects.values())
      if (matchesLabels(namespaceSelector, metadata.labels)) names.add(metadata.name);
    return { ...term, namespaces: names, namespaceSelector: exact ? undefined : namespaceSelector };
  });
}
