/**
 * Classes of Pods that neither affinity between Pods nor spreading tells apart: of one namespace, with the same labels,
 * being deleted or not. Numbered, so that what a change of the columns is about is told by a number.
 */
import type { PodInfo } from './pod-info.ts';

/** Pods may all have labels of their own. With so many classes the columns begin anew. */
const bound = 10_000;

export class PodClasses {
  /** One Pod of each. */
  private readonly examples: PodInfo[] = [];
  /** The first change that was about one of them. */
  private readonly firstChanges: number[] = [];
  private readonly byText = new Map<string, number>();
  /** The class of the Pod that was asked for last with these labels: those of a template share them. */
  private readonly byLabels = new WeakMap<object, number>();

  get hasRoom(): boolean {
    return this.examples.length < bound;
  }

  /** The class of a Pod that comes or goes with a change. */
  of(pod: PodInfo, change: number): number {
    const { labels } = pod;
    const last = labels === undefined ? undefined : this.byLabels.get(labels);
    if (last !== undefined && isLike(pod, this.exampleOf(last))) return last;
    const found = this.find(pod, change);
    if (labels !== undefined) this.byLabels.set(labels, found);
    return found;
  }

  exampleOf(number: number): PodInfo {
    return this.examples[number] as PodInfo;
  }

  /** The first change about a Pod of a class that `matches` is true of; Infinity: there is none. */
  firstChangeAbout(matches: (pod: PodInfo) => boolean): number {
    let first = Infinity;
    for (let number = 0; number < this.examples.length; number++)
      if ((this.firstChanges[number] as number) < first && matches(this.exampleOf(number)))
        first = this.firstChanges[number] as number;
    return first;
  }

  private find(pod: PodInfo, change: number): number {
    const text = `${pod.namespace} ${pod.terminating} ${JSON.stringify(pod.labels ?? {})}`;
    let found = this.byText.get(text);
    if (found === undefined) {
      found = this.examples.length;
      this.examples.push(pod);
      this.firstChanges.push(change);
      this.byText.set(text, found);
    }
    return found;
  }
}

/** Of Pods that have the same labels. */
const isLike = (a: PodInfo, b: PodInfo): boolean =>
  a.namespace === b.namespace && a.terminating === b.terminating;
