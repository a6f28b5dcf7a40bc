/**
 * The Pods that a selector finds, by the index of labels: where it names values of a label, those that have one of them;
 * where it only asks for a label, those that have it. A selector that only says what Pods do not have, or nothing at all,
 * means about all Pods of its namespace, and they are walked.
 */
import type { Pod } from '../api/generated/types.ts';
import { matchesLabels, type Requirement } from '../api/selector.ts';
import { labelTerm, objectsIn, type View } from '../api/view.ts';
import { viewOf, type Informers } from '../client/informer.ts';
import { objectsAt } from './claim.ts';

/** The Pods of a namespace that match, in the order of their keys. */
export function selectedPods(
  caches: Informers,
  namespace: string | undefined,
  selector: readonly Requirement[],
): readonly Pod[] {
  const view = viewOf(caches, 'pods');
  const terms =
    fewestOf(view, selector, (requirement) => termsOfValues(namespace, requirement)) ??
    fewestOf(view, selector, (requirement) => termsOfKey(view, namespace, requirement));
  const found: Pod[] = [];
  for (const pod of terms === undefined ? objectsIn(view, namespace) : objectsAt(view, keysOf(view, terms)))
    if (matchesLabels(selector, pod.metadata.labels)) found.push(pod);
  return found;
}

/** Terms of the label index, one of which each Pod that matches is under: those of the requirement that the fewest Pods meet. */
function fewestOf(
  { objects }: View<'pods'>,
  selector: readonly Requirement[],
  termsOf: (requirement: Requirement) => readonly string[] | undefined,
): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  let fewest = Infinity;
  for (const requirement of selector) {
    const terms = termsOf(requirement);
    if (terms === undefined) continue;
    let count = 0;
    for (const term of terms) count += objects.countOf('label', term);
    if (count < fewest) [best, fewest] = [terms, count];
  }
  return best;
}

function termsOfValues(
  namespace: string | undefined,
  { key, operator, values }: Requirement,
): readonly string[] | undefined {
  if (operator !== '=' && operator !== 'in') return undefined;
  return [...new Set(values)].map((value) => labelTerm(namespace, key, value));
}

function termsOfKey(
  { objects }: View<'pods'>,
  namespace: string | undefined,
  { key, operator }: Requirement,
): readonly string[] | undefined {
  if (operator !== 'exists' && operator !== 'gt' && operator !== 'lt') return undefined;
  const start = labelTerm(namespace, key, '');
  return [...objects.termsOf('label', start, `${start.slice(0, -1)}>`)]; // ">" follows "="
}

/** The keys under the terms, in order: a Pod has one value of a label, so none comes twice. */
function keysOf({ objects }: View<'pods'>, terms: readonly string[]): Iterable<string> {
  const [term] = terms;
  if (term === undefined) return [];
  if (terms.length === 1) return objects.keysOf('label', term);
  return terms.flatMap((each) => [...objects.keysOf('label', each)]).sort();
}
