/** Rules and roles in a short hand. Words are separated by spaces; the core group is `core`, `*` is everything. */
import type { PolicyRule } from '../../api/generated/types.ts';

const words = (text: string): readonly string[] => text.split(' ').sort();

/** `rule('get list watch', 'core apps', 'pods deployments/scale')`; names only where given. */
export function rule(verbs: string, groups: string, resources: string, names = ''): PolicyRule {
  const plain: PolicyRule = {
    apiGroups: groups
      .split(' ')
      .map((group) => (group === 'core' ? '' : group))
      .sort(),
    resources: words(resources),
    verbs: words(verbs),
  };
  return names === '' ? plain : { ...plain, resourceNames: words(names) };
}

export const pathRule = (verbs: string, paths: string): PolicyRule => ({
  nonResourceURLs: words(paths),
  verbs: words(verbs),
});

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';
export const readWrite = `${read} ${write}`;

/** What every component that tells of what it does has. */
export const eventsRule: PolicyRule = rule('create patch update', 'core events.k8s.io', 'events');

export interface RoleRow {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** `admin`: its rules are part of that role's. */
  readonly aggregateTo?: string;
}
