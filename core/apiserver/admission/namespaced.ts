/** The objects of a view by namespace, for the few resources every creation asks after: where there are none, one look. */
import type { ApiObject } from '../../api/object.ts';
import type { View } from '../../api/view.ts';

const groups = new WeakMap<object, ReadonlyMap<string, readonly ApiObject[]>>();
const none: readonly ApiObject[] = [];

/** The objects in a namespace in the order of their names: one list for as long as none of the view changes. */
export function objectsOfNamespace(view: View, namespace: string): readonly ApiObject[] {
  let group = groups.get(view.objects);
  if (group === undefined) {
    group = grouped(view);
    groups.set(view.objects, group);
  }
  return group.get(namespace) ?? none;
}

function grouped(view: View): ReadonlyMap<string, readonly ApiObject[]> {
  const found = new Map<string, ApiObject[]>();
  view.objects.objects.scan(undefined, undefined, (_key, object) => {
    const namespace = object.metadata.namespace ?? '';
    const list = found.get(namespace);
    if (list === undefined) found.set(namespace, [object]);
    else list.push(object);
  });
  return found;
}
