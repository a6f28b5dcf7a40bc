/** What the checks of Pod security share: the containers they look at, and how they put things. (kubernetes v1.34.1 pod-security-admission/policy/helpers.go) */
import type { Container, ObjectMeta, PodSpec, SecurityContext } from '../../api/generated/types.ts';

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** A check of one id, from a minor version on until a newer one of the same id. */
export interface PodCheck {
  readonly id: string;
  /** The minor version of Kubernetes 1 it begins with. */
  readonly since: number;
  readonly check: (metadata: Partial<ObjectMeta>, spec: PodSpec) => Violation | undefined;
  /** Of a check of the restricted level: the baseline checks it stands in for. */
  readonly overrides?: readonly string[];
}

/** Init containers first, ephemeral ones last. */
export const containersOf = (spec: PodSpec): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...((spec.ephemeralContainers ?? []) as readonly Container[]),
];

/** The names of the containers of which something is true. */
export const containersWhere = (
  spec: PodSpec,
  is: (security: SecurityContext | undefined, container: Container) => boolean,
): readonly string[] =>
  containersOf(spec)
    .filter((container) => is(container.securityContext, container))
    .map(({ name }) => name);

export const quoted = (names: readonly string[]): string => `"${names.join('", "')}"`;

export const plural = (one: string, more: string, count: number): string => (count === 1 ? one : more);

/** `container "a"`, `containers "a", "b"`. */
export const containerNames = (names: readonly string[]): string =>
  `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** `pod and container "a"`: who set what must not be set. */
export const setters = (pod: boolean, containers: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(containers.length === 0 ? [] : [containerNames(containers)])].join(' and ');

/** Each once, in order. */
export const sorted = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();
