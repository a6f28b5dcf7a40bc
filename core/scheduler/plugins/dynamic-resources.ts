/**
 * Dynamic resource allocation is not simulated: a Pod that names a ResourceClaim is told so, and waits.
 * (kubernetes v1.34.1 plugins/dynamicresources/dynamicresources.go)
 */
import { unresolvable, type EnqueuePlugin, type FilterPlugin } from '../framework.ts';

const name = 'DynamicResources';
const notSimulated = unresolvable(name, 'dynamic resource allocation is not simulated');

export const dynamicResources: FilterPlugin & EnqueuePlugin = {
  name,
  bySpec: () => true,
  preFilter: ({ spec }) =>
    (spec.resourceClaims ?? []).length === 0
      ? { outcome: 'skip' }
      : { outcome: 'reject', rejection: notSimulated },
  filter: () => undefined,
  mayHelp: () => false,
};
