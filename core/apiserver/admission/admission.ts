/**
 * Admission as the verbs use it: the chain of plugins, then ValidatingAdmissionPolicies, on the views of this server. What
 * does not concern an object costs it a look in a map or two.
 */
import { apiVersionOf, resourceOfKind, type ResourceInfo } from '../../api/kinds.ts';
import type {
  Namespace,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import type { Status } from '../../api/request.ts';
import { objectsIn, type View } from '../../api/view.ts';
import type { UserInfo } from '../authentication/identities.ts';
import { cacheAt, viewIn, type ApiserverState } from '../state.ts';
import type { Attempt } from '../decision.ts';
import { isDryRun } from '../verbs/write-options.ts';
import { admit, chainOf, validateAdmission } from './chain.ts';
import type { AdmissionAttributes, AdmissionContext, Operation } from './plugin.ts';
import { podSecurityWarnings } from './pod-security.ts';
import type { ParamStore } from './policy-params.ts';
import { evaluatePolicies, policyHooks, type PolicyHook } from './validating-admission-policy.ts';

/** What is being done, before it is known what with. */
export interface Admission {
  readonly operation: Operation;
  readonly info: ResourceInfo;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly oldObject: ApiObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
}

/** A change of an object to be admitted; undefined where no plugin and no policy looks at it, as at most changes. */
export function admissionOfChange(
  state: ApiserverState,
  { info, write: { event, request } }: Pick<Attempt, 'info' | 'write'>,
  operation: Operation,
  subresource: string,
  current: ApiObject,
): Admission | undefined {
  const chain = chainOf(state.config.disabledAdmission, info.resource, operation, subresource);
  if (chain.admitting.length + chain.validating.length === 0 && hooksIn(state).length === 0) return undefined;
  return {
    operation,
    info,
    subresource,
    namespace: current.metadata.namespace ?? '',
    name: current.metadata.name,
    oldObject: operation === 'CREATE' ? undefined : current,
    user: event.user,
    dryRun: isDryRun(request),
  };
}

/** The object as the plugins leave it, or why it is refused. */
export function mutated(
  state: ApiserverState,
  admission: Admission,
  object: ApiObject,
  account?: ServiceAccount,
): ApiObject | Status {
  return admit(attributesOf(admission, object), object, contextOf(state, account));
}

/** Why the object as it would be stored is refused. Warnings are added to `warnings`. */
export function refused(
  state: ApiserverState,
  admission: Admission,
  object: ApiObject | undefined,
  warnings: string[],
  account?: ServiceAccount,
): Status | undefined {
  const attributes = attributesOf(admission, object);
  const context = contextOf(state, account);
  const refusal = validateAdmission(attributes, context);
  if (refusal !== undefined) return refusal;
  if (object !== undefined) warnings.push(...podSecurityWarnings(attributes, context));
  return refusedByPolicy(state, admission, object, warnings);
}

const attributesOf = (admission: Admission, object: ApiObject | undefined): AdmissionAttributes => ({
  operation: admission.operation,
  resource: admission.info.resource,
  subresource: admission.subresource,
  namespace: admission.namespace,
  name: admission.name,
  object,
  oldObject: admission.oldObject,
  user: admission.user,
  dryRun: admission.dryRun,
});

/** A creation looks for its namespace by itself, in etcd where the cache has none. */
const contextOf = (state: ApiserverState, account: ServiceAccount | undefined): AdmissionContext => ({
  account,
  view: (resource) => viewIn(state, resource),
  disabled: state.config.disabledAdmission,
});

/** What binds what, found once for the objects as they are. */
const hooksOf = new WeakMap<object, { readonly bindings: object; readonly hooks: readonly PolicyHook[] }>();

function hooksIn(state: ApiserverState): readonly PolicyHook[] {
  const bindings = viewIn(state, 'validatingadmissionpolicybindings');
  if (bindings.objects.size === 0) return [];
  const policies = viewIn(state, 'validatingadmissionpolicies');
  const known = hooksOf.get(policies.objects);
  if (known?.bindings === bindings.objects) return known.hooks;
  const hooks = policyHooks(
    objectsIn(policies) as unknown as Iterable<ValidatingAdmissionPolicy>,
    objectsIn(bindings) as unknown as Iterable<ValidatingAdmissionPolicyBinding>,
  );
  hooksOf.set(policies.objects, { bindings: bindings.objects, hooks });
  return hooks;
}

function refusedByPolicy(
  state: ApiserverState,
  admission: Admission,
  object: ApiObject | undefined,
  warnings: string[],
): Status | undefined {
  const hooks = hooksIn(state);
  if (hooks.length === 0 || state.config.disabledAdmission.includes('ValidatingAdmissionPolicy'))
    return undefined;
  const { namespace } = admission;
  const namespaceObject =
    namespace === ''
      ? undefined
      : (viewIn(state, 'namespaces').objects.get(namespace) as Namespace | undefined);
  const request = { ...admission, version: admission.info.version, object, namespaceObject };
  const verdict = evaluatePolicies(hooks, request, (apiVersion, kind) => paramStore(state, apiVersion, kind));
  warnings.push(...verdict.warnings);
  return verdict.status;
}

/** A custom kind that this server serves. */
function customInfo(state: ApiserverState, apiVersion: string, kind: string): ResourceInfo | undefined {
  for (const place of state.custom.values()) {
    const { info, served } = cacheAt(state, place);
    if (served && info.kind === kind && apiVersionOf(info) === apiVersion) return info;
  }
  return undefined;
}

function paramStore(state: ApiserverState, apiVersion: string, kind: string): ParamStore | undefined {
  const info = resourceOfKind(apiVersion, kind) ?? customInfo(state, apiVersion, kind);
  if (info === undefined || apiVersionOf(info) !== apiVersion) return undefined;
  const view: View = viewIn(state, info.resource);
  return {
    namespaced: info.namespaced,
    get: (namespace, name) => view.objects.get(namespace === undefined ? name : `${namespace}/${name}`),
    list: (namespace) => objectsIn(view, namespace),
  };
}

/** Whether what was made of one Pod may be made of the next of its template without another look. */
export const sparesTheNext = (state: ApiserverState): boolean => hooksIn(state).length === 0;
