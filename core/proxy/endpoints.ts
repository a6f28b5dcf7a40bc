/**
 * Which endpoints a node's rules send a connection to.
 * (kubernetes v1.34.1 pkg/proxy/topology.go CategorizeEndpoints, pkg/proxy/endpointslicecache.go)
 */
import type { Endpoint, EndpointSlice, ServicePort } from '../api/generated/types.ts';

/** One address and port behind a Service port. */
export interface Candidate {
  readonly ip: string;
  readonly port: number;
  /** `ip:port`: candidates are in the order of this text. */
  readonly address: string;
  readonly endpoint: Endpoint;
}

/** Where a connection comes from. */
export interface Place {
  readonly node?: string | undefined;
  readonly zone?: string | undefined;
}

/** Every endpoint of the slices that serves the port, in the byte order of `ip:port`; the first of two alike counts. */
export function endpointsOf(slices: readonly EndpointSlice[], port: ServicePort): readonly Candidate[] {
  const found: Record<string, Candidate> = {};
  for (const slice of slices) {
    const target = (slice.ports ?? []).find(
      (each) =>
        (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (target?.port === undefined) continue;
    for (const endpoint of slice.endpoints) {
      const ip = endpoint.addresses[0];
      if (ip === undefined) continue;
      const address = `${ip.includes(':') ? `[${ip}]` : ip}:${target.port}`;
      found[address] ??= { ip, port: target.port, address, endpoint };
    }
  }
  return Object.keys(found)
    .sort()
    .flatMap((address) => found[address] ?? []);
}

/** A condition that is not set counts as ready and serving, and not as terminating. */
const isReady = ({ endpoint }: Candidate): boolean => endpoint.conditions?.ready ?? true;
const isServing = ({ endpoint }: Candidate): boolean => endpoint.conditions?.serving ?? true;
const isTerminating = ({ endpoint }: Candidate): boolean => endpoint.conditions?.terminating ?? false;
const isLeaving = (candidate: Candidate): boolean => isServing(candidate) && isTerminating(candidate);

export interface Usable {
  /** Those a connection under the policy may reach. */
  readonly candidates: readonly Candidate[];
  /** Some endpoint could serve, on whatever node. */
  readonly anyElsewhere: boolean;
  /** Why these: `ready`, `serving while terminating`, `hinted for zone a`. */
  readonly why: string;
}

/** Ready endpoints; where there is none, those that still serve while they terminate. */
export function usableEndpoints(all: readonly Candidate[], policy: 'Cluster' | 'Local', from: Place): Usable {
  const anyElsewhere = all.some((candidate) => isReady(candidate) || isLeaving(candidate));
  if (policy === 'Local') {
    const local = all.filter(({ endpoint }) => from.node !== undefined && endpoint.nodeName === from.node);
    const [ready, leaving] = [local.filter(isReady), local.filter(isLeaving)];
    return ready.length > 0
      ? { candidates: ready, anyElsewhere, why: `ready on ${from.node ?? ''}` }
      : { candidates: leaving, anyElsewhere, why: `serving while terminating on ${from.node ?? ''}` };
  }
  const ready = all.filter(isReady);
  if (ready.length === 0)
    return { candidates: all.filter(isLeaving), anyElsewhere, why: 'serving while terminating' };
  const hinted = hintedEndpoints(ready, from);
  return hinted === undefined
    ? { candidates: ready, anyElsewhere, why: 'ready' }
    : { candidates: hinted.candidates, anyElsewhere, why: hinted.why };
}

/** Hints count only where every ready endpoint has one and some are for this node, or else for its zone. */
function hintedEndpoints(
  ready: readonly Candidate[],
  { node, zone }: Place,
): { readonly candidates: readonly Candidate[]; readonly why: string } | undefined {
  const nodeHints = (candidate: Candidate) => candidate.endpoint.hints?.forNodes ?? [];
  const zoneHints = (candidate: Candidate) => candidate.endpoint.hints?.forZones ?? [];
  if (ready.every((candidate) => nodeHints(candidate).length > 0)) {
    const mine = ready.filter((candidate) => nodeHints(candidate).some((hint) => hint.name === node));
    if (mine.length > 0) return { candidates: mine, why: `ready, hinted for node ${node ?? ''}` };
  }
  if (ready.every((candidate) => zoneHints(candidate).length > 0)) {
    const mine = ready.filter((candidate) => zoneHints(candidate).some((hint) => hint.name === zone));
    if (mine.length > 0) return { candidates: mine, why: `ready, hinted for zone ${zone ?? ''}` };
  }
  return undefined;
}
