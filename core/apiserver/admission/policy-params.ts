/** The objects that a binding gives a policy to go by. (apiserver/pkg/admission/plugin/policy/generic CollectParams) */
import type { ApiObject } from '../../api/object.ts';
import { matchesLabels, requirementsOf } from '../../api/selector.ts';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../api/generated/types.ts';

/** The objects of one kind, as this server knows them. */
export interface ParamStore {
  readonly namespaced: boolean;
  readonly get: (namespace: string | undefined, name: string) => ApiObject | undefined;
  readonly list: (namespace: string | undefined) => Iterable<ApiObject>;
}

/** Each is evaluated by itself; null: the policy goes by nothing. */
export type Params = readonly (ApiObject | null)[] | { readonly error: string };

export function collectParams(
  { spec }: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  store: ParamStore | undefined,
  requestNamespace: string,
): Params {
  const { paramRef } = binding.spec;
  if (spec.paramKind === undefined || paramRef === undefined) return [null];
  if (store === undefined) return { error: 'paramKind kind is not known' };
  const given = paramRef.namespace ?? '';
  if (!store.namespaced && given !== '')
    return { error: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  const namespace = given === '' ? requestNamespace : given;
  if (store.namespaced && namespace === '')
    return {
      error: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    };
  const found = select(paramRef, store, store.namespaced ? namespace : undefined);
  if (found === undefined) return { error: 'one of name or selector must be provided' };
  return found.length === 0 && paramRef.parameterNotFoundAction === 'Deny'
    ? { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' }
    : found;
}

function select(
  { name = '', selector }: NonNullable<ValidatingAdmissionPolicyBinding['spec']['paramRef']>,
  store: ParamStore,
  namespace: string | undefined,
): readonly ApiObject[] | undefined {
  if (name !== '') {
    const one = store.get(namespace, name);
    return one === undefined ? [] : [one];
  }
  if (selector === undefined) return undefined;
  const requirements = requirementsOf(selector);
  return [...store.list(namespace)].filter((object) => matchesLabels(requirements, object.metadata.labels));
}
