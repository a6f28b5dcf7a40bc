/** The containers of a Pod of every sort, each with its place. */
import type { Container, PodSpec } from './generated/types.ts';

export interface Placed {
  readonly container: Container;
  readonly field: string;
}

/** In the order Kubernetes looks at them; `field` is the path of the spec. */
export const containersIn = (field: string, spec: PodSpec): readonly Placed[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((part) =>
    ((spec[part] as readonly Container[] | undefined) ?? []).map((container, i) => ({
      container,
      field: `${field}.${part}[${i}]`,
    })),
  );
