/** What several kinds show alike. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import type { Container, LabelSelector } from '../generated/types.ts';
import { quantityText } from '../../text/quantity.ts';
import { isSelectorError, labelSelectorRequirements, selectorText, type Labels } from '../selector.ts';
import { wide } from './column.ts';

export const none = '<none>';
export const unset = '<unset>';

/** The text, or `<none>` for an empty one. */
export const orNone = (text: string | undefined): string => (text === undefined || text === '' ? none : text);

/** `a=1,b=2`, by key. */
export const labelsText = (labels: Labels | undefined): string =>
  orNone(
    Object.keys(labels ?? {})
      .sort()
      .map((key) => `${key}=${labels?.[key] ?? ''}`)
      .join(','),
  );

/** A selector of a manifest in one line. */
export function labelSelectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return none;
  const requirements = labelSelectorRequirements(selector);
  return isSelectorError(requirements) ? '<error>' : orNone(selectorText(requirements));
}

interface Templated {
  readonly spec: {
    readonly template?:
      { readonly spec?: { readonly containers: readonly Container[] } | undefined } | undefined;
  };
}

const containersOf = ({ spec }: Templated): readonly Container[] => spec.template?.spec?.containers ?? [];

export const containerNames = (containers: readonly Container[]): string =>
  containers.map(({ name }) => name).join(',');

export const containerImages = (containers: readonly Container[]): string =>
  containers.map(({ image }) => image ?? '').join(',');

/** The columns about the Pod template of a workload. */
export const containers = wide<Templated>('Containers', (object) => containerNames(containersOf(object)));
export const images = wide<Templated>('Images', (object) => containerImages(containersOf(object)));

/** As many as fit into a cell. */
const most = 3;

/** The first few of a list, and how many more there are. */
export function firstFew(list: readonly string[]): string {
  const shown = list.slice(0, most).join(',');
  return list.length > most ? `${shown} + ${list.length - most} more...` : shown;
}

/** A quantity as it was written; 0 where a list of resources has none of it. */
export const quantityOrZero = (quantity: string | number | undefined): string =>
  quantity === undefined ? '0' : quantityText(`${quantity}`);
