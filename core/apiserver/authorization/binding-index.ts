/** Which bindings are about a user: by subject, so that thousands of bindings cost nothing to those they are not about. */
import type { ClusterRoleBinding, RoleBinding, Subject } from '../../api/generated/types.ts';
import type { View } from '../../api/view.ts';
import { serviceAccountUserPrefix, type UserInfo } from '../authentication/identities.ts';

export interface Granted {
  readonly binding: ClusterRoleBinding | RoleBinding;
  /** The first of its subjects that is the user. */
  readonly subject: Subject;
}

/** Of one binding: its place among all, and the place of the subject in it. */
interface Entry {
  readonly place: number;
  readonly subjectPlace: number;
  readonly granted: Granted;
}

/** Entries by namespace (empty: the cluster), then by subject. */
type Index = ReadonlyMap<string, ReadonlyMap<string, readonly Entry[]>>;

const indices = new WeakMap<object, Index>();

/** The bindings of a namespace (empty: cluster role bindings) that are about the user, in the order of their names. */
export function bindingsFor(view: View, user: UserInfo, namespace: string): readonly Granted[] {
  let index = indices.get(view.objects);
  if (index === undefined) {
    index = indexOf(view);
    indices.set(view.objects, index);
  }
  const subjects = index.get(namespace);
  if (subjects === undefined) return nothing;
  const found = new Map<number, Entry>();
  const look = (term: string): void => {
    for (const entry of subjects.get(term) ?? noEntries) {
      const known = found.get(entry.place);
      if (known === undefined || known.subjectPlace > entry.subjectPlace) found.set(entry.place, entry);
    }
  };
  look(`User ${user.name}`);
  for (const group of user.groups) look(`Group ${group}`);
  return [...found.values()].sort((a, b) => a.place - b.place).map(({ granted }) => granted);
}

const nothing: readonly Granted[] = [];
const noEntries: readonly Entry[] = [];

function indexOf(view: View): Index {
  const index = new Map<string, Map<string, Entry[]>>();
  let place = 0;
  view.objects.objects.scan(undefined, undefined, (_key, object) => {
    const binding = object as unknown as ClusterRoleBinding | RoleBinding;
    const namespace = binding.metadata.namespace ?? '';
    const subjects = index.get(namespace) ?? new Map<string, Entry[]>();
    index.set(namespace, subjects);
    (binding.subjects ?? []).forEach((subject, subjectPlace) => {
      const term = termOf(subject, namespace);
      if (term === undefined) return;
      const entries = subjects.get(term) ?? [];
      subjects.set(term, entries);
      entries.push({ place, subjectPlace, granted: { binding, subject } });
    });
    place++;
  });
  return index;
}

/** A service account is the user of its name; without a namespace it is of the binding's. */
function termOf(subject: Subject, namespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
    case 'Group':
      return `${subject.kind} ${subject.name}`;
    case 'ServiceAccount': {
      const own = subject.namespace === undefined || subject.namespace === '' ? namespace : subject.namespace;
      return own === '' ? undefined : `User ${serviceAccountUserPrefix}${own}:${subject.name}`;
    }
    default:
      return undefined;
  }
}
