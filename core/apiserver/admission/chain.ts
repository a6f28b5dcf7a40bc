/**
 * The admission chain: every plugin in the order the server has them, first those that change an object, then, once it is
 * complete and valid, those that only refuse. ResourceQuota comes last of all and charges what it admits: its answer takes
 * writes of its own, and has its own files (quota-evaluator.ts, ../quota-charge.ts). (kubernetes v1.34.1 pkg/kubeapiserver/options/plugins.go)
 */
import type { ApiObject } from '../../api/object.ts';
import type { Status } from '../../api/request.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import {
  isRefusal,
  type AdmissionAttributes,
  type AdmissionContext,
  type AdmissionPlugin,
  type Operation,
} from './plugin.ts';
import { podSecurity } from './pod-security.ts';
import { priority } from './priority.ts';
import { serviceAccountPlugin } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { taintNodesByCondition } from './taint-nodes.ts';

const plugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccountPlugin,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  defaultIngressClass,
];

/** The object with all that admission adds, or the first refusal. */
export function admit(
  attributes: AdmissionAttributes,
  object: ApiObject,
  context: AdmissionContext,
): ApiObject | Status {
  let admitted = object;
  const { resource, operation, subresource } = attributes;
  for (const plugin of chainOf(context.disabled, resource, operation, subresource).admitting) {
    const answer = plugin.admit?.(attributes, admitted, context) ?? admitted;
    if (isRefusal(answer)) return answer;
    admitted = answer;
  }
  return admitted;
}

/** The first refusal of the object as it would be stored. */
export function validateAdmission(
  attributes: AdmissionAttributes,
  context: AdmissionContext,
): Status | undefined {
  const { resource, operation, subresource } = attributes;
  for (const plugin of chainOf(context.disabled, resource, operation, subresource).validating) {
    const refusal = plugin.validate?.(attributes, context);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

interface Chain {
  readonly admitting: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

/** The chains of servers with the same plugins off, by operation, subresource and resource. */
type Chains = Readonly<Record<Operation, Map<string, Map<string, Chain>>>>;

const chains = new WeakMap<readonly string[], Chains>();
const noneDisabled: readonly string[] = [];

/** The plugins that look at a resource, found once. */
export function chainOf(
  disabled: readonly string[] = noneDisabled,
  resource: string,
  operation: Operation,
  subresource: string,
): Chain {
  let own = chains.get(disabled);
  if (own === undefined) {
    own = { CREATE: new Map(), UPDATE: new Map(), DELETE: new Map(), CONNECT: new Map() };
    chains.set(disabled, own);
  }
  let bySubresource = own[operation].get(subresource);
  if (bySubresource === undefined) {
    bySubresource = new Map();
    own[operation].set(subresource, bySubresource);
  }
  let chain = bySubresource.get(resource);
  if (chain === undefined) {
    chain = newChain(disabled, resource, operation, subresource);
    bySubresource.set(resource, chain);
  }
  return chain;
}

function newChain(
  disabled: readonly string[],
  resource: string,
  operation: Operation,
  subresource: string,
): Chain {
  const concerned = plugins.filter(
    ({ name, resources, operations, subresources = [] }) =>
      !disabled.includes(name) &&
      operations.includes(operation) &&
      resources.includes(resource) &&
      (subresource === '' || subresources.includes(subresource)),
  );
  return {
    admitting: concerned.filter((plugin) => plugin.admit !== undefined),
    validating: concerned.filter((plugin) => plugin.validate !== undefined),
  };
}
