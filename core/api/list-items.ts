/** The items of a list: nobody pays for them before somebody looks. */
import type { ApiObject } from './object.ts';
import type { ListAnswer } from './request.ts';
import {
  isSelectorError,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from './selector.ts';
import { objectsIn } from './view.ts';

/** The objects that a list was answered with, in the order of their keys. */
export function itemsOf(list: ListAnswer): readonly ApiObject[] {
  if (list.page !== undefined) return list.page.items;
  const labels = parseLabelSelector(list.labelSelector ?? '');
  const fields = parseFieldSelector(list.view.resource, list.fieldSelector ?? '');
  if (isSelectorError(labels) || isSelectorError(fields)) return [];
  const items: ApiObject[] = [];
  for (const object of objectsIn(list.view, list.namespace))
    if (matchesLabels(labels, object.metadata.labels) && matchesFields(fields, object)) items.push(object);
  return items;
}
