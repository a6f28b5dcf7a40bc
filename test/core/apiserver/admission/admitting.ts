/** One plugin, one object, and what the plugin can see: the answer in a word or a message. */
import type { ApiObject } from '../../../../core/api/object.ts';
import { keyOf } from '../../../../core/api/object.ts';
import { emptyView, withObject, type View } from '../../../../core/api/view.ts';
import {
  isRefusal,
  type AdmissionAttributes,
  type AdmissionContext,
  type AdmissionPlugin,
} from '../../../../core/apiserver/admission/plugin.ts';
import { superAdminUser } from '../../../../core/apiserver/authentication/identities.ts';

/** Objects by resource: what a server's caches hold. */
export type Known = Readonly<Record<string, readonly object[]>>;

/** An object that says only what matters. */
export const thing = (kind: string, name: string, more: object = {}): ApiObject => {
  const { metadata, ...rest } = more as { readonly metadata?: object };
  return { apiVersion: 'v1', kind, metadata: { name, ...metadata }, ...rest } as unknown as ApiObject;
};

export const podThing = (spec: object = {}, metadata: object = {}): ApiObject =>
  thing('Pod', 'p', {
    metadata: { namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'c', image: 'img:1' }], ...spec },
  });

const contextOf = (known: Known): AdmissionContext => ({
  view: (resource) => {
    let view: View = emptyView<string>(resource);
    for (const object of known[resource] ?? [])
      view = withObject(view, keyOf(object as ApiObject), object as ApiObject, 1);
    return view;
  },
});

export interface Asked extends Partial<Omit<AdmissionAttributes, 'resource'>> {
  readonly resource: string;
}

const attributesOf = (asked: Asked): AdmissionAttributes => {
  const { object, oldObject } = asked;
  const { name = '', namespace = '' } = object?.metadata ?? oldObject?.metadata ?? {};
  return {
    operation: 'CREATE',
    subresource: '',
    name,
    namespace,
    object,
    oldObject,
    user: superAdminUser,
    dryRun: false,
    ...asked,
  };
};

/** The object as the plugin leaves it, or the message it is refused with. */
export function admittedBy(plugin: AdmissionPlugin, asked: Asked, known: Known = {}): ApiObject | string {
  const attributes = attributesOf(asked);
  if (attributes.object === undefined) throw new Error('there is an object to be admitted');
  const answer = plugin.admit?.(attributes, attributes.object, contextOf(known)) ?? attributes.object;
  return isRefusal(answer) ? (answer.message ?? '') : answer;
}

/** `admitted`, or the message it is refused with. */
export function judgedBy(plugin: AdmissionPlugin, asked: Asked, known: Known = {}): string {
  const refusal = plugin.validate?.(attributesOf(asked), contextOf(known));
  return refusal === undefined ? 'admitted' : (refusal.message ?? '');
}
