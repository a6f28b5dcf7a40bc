/**
 * The admission chain: every plugin in the order the server has them, first those that change an object, then, once it is
 * complete and valid, those that only refuse. ResourceQuota comes last of all and charges what it admits: its answer takes
 * writes of its own, and has its own file (quota-evaluator.ts). (kubernetes v1.34.1 pkg/kubeapiserver/options/plugins.go)
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
import { taintNodesByCondition } from './taint-nodes.ts';

export const plugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccountPlugin,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  defaultIngressClass,
];

/** The object with all that admission adds, or the first refusal. */
export function admit(
  attributes: AdmissionAttributes,
  object: ApiObject,
  context: AdmissionContext,
): ApiObject | Status {
  let admitted = object;
  for (const plugin of chainOf(attributes.resource, attributes.operation).admitting) {
    if (context.disabled?.includes(plugin.name) === true) continue;
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
  for (const plugin of chainOf(attributes.resource, attributes.operation).validating) {
    if (context.disabled?.includes(plugin.name) === true) continue;
    const refusal = plugin.validate?.(attributes, context);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

interface Chain {
  readonly admitting: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

const chains: Readonly<Record<Operation, Map<string, Chain>>> = {
  CREATE: new Map(),
  UPDATE: new Map(),
  DELETE: new Map(),
  CONNECT: new Map(),
};

/** The plugins that look at a resource, found once. */
function chainOf(resource: string, operation: Operation): Chain {
  const known = chains[operation].get(resource);
  if (known !== undefined) return known;
  const concerned = plugins.filter(
    ({ resources, operations }) =>
      operations.includes(operation) && (resources === undefined || resources.includes(resource)),
  );
  const chain: Chain = {
    admitting: concerned.filter((plugin) => plugin.admit !== undefined),
    validating: concerned.filter((plugin) => plugin.validate !== undefined),
  };
  chains[operation].set(resource, chain);
  return chain;
}
