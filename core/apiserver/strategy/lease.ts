/** What the server makes of a Lease. (kubernetes v1.34.1 pkg/registry/coordination/lease/strategy.go) */
import type { LeaseSpec } from '../../api/generated/types.ts';
import type { Fields, Stored } from './stored.ts';

/** What candidates agree on is behind a gate that is off (CoordinatedLeaderElection). */
export function withoutElection(object: Stored): Stored {
  const spec = object.spec as LeaseSpec | undefined;
  if (spec?.strategy === undefined && spec?.preferredHolder === undefined) return object;
  const { strategy: _strategy, preferredHolder: _holder, ...kept } = spec;
  return { ...object, spec: kept as unknown as Fields };
}
