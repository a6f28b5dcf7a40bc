/**
 * Hints by `spec.trafficDistribution`: each ready endpoint is for its own zone, and its own node where that is asked for
 * (kubernetes v1.34.1 staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go).
 */
import type { Endpoint, EndpointHints, EndpointSlice } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import type { Hintable } from './topology-hints.ts';

const known: ReadonlySet<string> = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

export const isTrafficDistribution = (value: string | undefined): value is string =>
  value !== undefined && known.has(value);

type WithEndpoints = { readonly endpoints?: readonly Endpoint[] | undefined };

/** The slices with their hints; an endpoint that is not ready keeps what it has. */
export function withTrafficHints<Made extends WithEndpoints>(
  { create, update, unchanged }: Hintable<Made>,
  distribution: string,
): { readonly create: readonly Made[]; readonly update: readonly EndpointSlice[] } {
  const hinted = <T extends WithEndpoints>(slice: T): T => ({
    ...slice,
    endpoints: (slice.endpoints ?? []).map((endpoint) => hintedEndpoint(endpoint, distribution)),
  });
  const wrong = unchanged.filter((slice) =>
    (slice.endpoints ?? []).some(
      (endpoint) => isReady(endpoint) && !same(endpoint.hints, hintsFor(endpoint, distribution)),
    ),
  );
  return { create: create.map(hinted), update: [...update, ...wrong].map(hinted) };
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;

function hintedEndpoint(endpoint: Endpoint, distribution: string): Endpoint {
  if (!isReady(endpoint)) return endpoint;
  const hints = hintsFor(endpoint, distribution);
  const { hints: _, ...rest } = endpoint;
  return hints === undefined ? rest : { ...rest, hints };
}

function hintsFor({ zone, nodeName }: Endpoint, distribution: string): EndpointHints | undefined {
  const forNode = distribution === 'PreferSameNode' ? nodeName : undefined;
  return zone === undefined && forNode === undefined
    ? undefined
    : {
        ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
        ...(forNode === undefined ? {} : { forNodes: [{ name: forNode }] }),
      };
}
