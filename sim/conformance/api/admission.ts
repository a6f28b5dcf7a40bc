/**
 * Family admission: what the admission plugins make of an object, what they refuse, and how quotas measure and charge.
 * Every field of every case is compared. Three things to know of the recordings: LimitRanger's messages are in an order of
 * chance, so their parts are compared sorted; a toleration that DefaultTolerationSeconds added was written down without its
 * fields (`{}`), so of those only number and place are compared; scopes were asked of quotas whose status is not yet known,
 * which match nothing.
 */
import type {
  LimitRange,
  Node,
  PersistentVolumeClaim,
  Pod,
  PriorityClass,
  Toleration,
} from '../../../core/api/generated/types.ts';
import { resourceNamed, type ResourceInfo } from '../../../core/api/kinds.ts';
import { keyOf, type ApiObject } from '../../../core/api/object.ts';
import { quantityText } from '../../../core/text/quantity.ts';
import { quotaEvaluatorFor, quotaMatches, type MaybeCounted } from '../../../core/api/quota/usage.ts';
import type { Status } from '../../../core/api/request.ts';
import { emptyView, withObject, type View } from '../../../core/api/view.ts';
import { withDefaultTolerations } from '../../../core/apiserver/admission/default-toleration-seconds.ts';
import {
  claimProblems,
  limitRanger,
  limitRangesIn,
  podProblems,
} from '../../../core/apiserver/admission/limit-ranger.ts';
import {
  isRefusal,
  type AdmissionAttributes,
  type AdmissionContext,
} from '../../../core/apiserver/admission/plugin.ts';
import { podSecurity, violationsOf, violationText } from '../../../core/apiserver/admission/pod-security.ts';
import { priority } from '../../../core/apiserver/admission/priority.ts';
import { chargeQuotas } from '../../../core/apiserver/admission/quota-evaluator.ts';
import { withNotReadyTaint } from '../../../core/apiserver/admission/taint-nodes.ts';
import { superAdminUser } from '../../../core/apiserver/authentication/identities.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase } from '../family.ts';

export const admissionFamily: Family = {
  name: 'admission',
  *answer(cases) {
    for (const [index, recorded] of cases.entries()) {
      const op = String(recorded['op']);
      const [want, got] = answers(op, recorded);
      yield { name: `${index} ${op} ${labelOf(recorded)}`, difference: firstDifference(want, got) };
    }
  },
};

const labelOf = (recorded: RecordedCase): string =>
  typeof recorded['sets'] === 'string' ? recorded['sets'] : String(recorded['resource'] ?? '');

/** What was recorded and what wavetank answers. */
function answers(op: string, recorded: RecordedCase): readonly [unknown, unknown] {
  const object = recorded['in'] as ApiObject;
  switch (op) {
    case 'limitRanger':
      return limitRangerAnswers(recorded, object);
    case 'quotaUsage':
      return quotaUsageAnswers(recorded, object);
    case 'quotaCheck':
      return quotaCheckAnswers(recorded, object);
    case 'podSecurity':
      return [
        { baseline: recorded['baseline'], restricted: recorded['restricted'] },
        {
          baseline: podSecurityAnswer(object, 'baseline'),
          restricted: podSecurityAnswer(object, 'restricted'),
        },
      ];
    case 'priority':
      return priorityAnswers(recorded, object);
    case 'defaultTolerationSeconds': {
      const { tolerations = [] } = (object as Pod).spec;
      const made = withDefaultTolerations((object as Pod).spec).tolerations ?? [];
      return [recorded['tolerations'], made.map((one): Toleration => (tolerations.includes(one) ? one : {}))];
    }
    case 'taintNodesByCondition':
      return [recorded['taints'], withNotReadyTaint(object as Node).spec?.taints];
    default:
      return [`the operation ${op}`, 'not known'];
  }
}

function limitRangerAnswers(recorded: RecordedCase, object: ApiObject): readonly [unknown, unknown] {
  const ranges = viewOf('limitranges', [recorded['limitRange'] as LimitRange & ApiObject]);
  const context = contextOf(ranges);
  const attributes = attributesOf(String(recorded['resource']), object);
  const admitted = limitRanger.admit?.(attributes, object, context) ?? object;
  const mutated = isRefusal(admitted) ? object : admitted;
  const status = limitRanger.validate?.({ ...attributes, object: mutated }, context);
  const want = recorded['denied'] as RecordedDenial | undefined;
  const got = denial(status);
  if (want?.messagePartsSorted === undefined || got === undefined)
    return [
      { mutated: recorded['mutated'], denied: want },
      { mutated, denied: got },
    ];
  const { code, reason, message = '' } = got;
  const messagePrefix = message.slice(0, message.indexOf('[') < 0 ? 0 : message.indexOf('['));
  const [range] = limitRangesIn(context, 'default');
  const problems =
    attributes.resource === 'pods'
      ? podProblems(mutated as Pod, range as LimitRange)
      : claimProblems(mutated as PersistentVolumeClaim, range as LimitRange);
  // What is said of two containers is said once.
  const messagePartsSorted = [...new Set(problems)].sort();
  return [
    { mutated: recorded['mutated'], denied: want },
    { mutated, denied: { code, reason, messagePrefix, messagePartsSorted } },
  ];
}

interface RecordedDenial {
  readonly code: number;
  readonly reason: string | undefined;
  readonly message?: string | undefined;
  readonly messagePartsSorted?: readonly string[];
}

const denial = (status: Status | undefined): RecordedDenial | undefined =>
  status && { code: status.code, reason: status.reason, message: status.message };

function quotaUsageAnswers(recorded: RecordedCase, object: ApiObject): readonly [unknown, unknown] {
  const evaluator = quotaEvaluatorFor(infoOf(String(recorded['resource'])));
  const usage = evaluator.usage(object, 0);
  const scopes = recorded['scopes'] as readonly { readonly scope: string }[];
  return [
    { usage: recorded['usage'], scopes },
    {
      usage: Object.fromEntries(Object.entries(usage).map(([name, value]) => [name, quantityText(value)])),
      scopes: scopes.map(({ scope }) => ({
        scope,
        matches: quotaMatches(
          quotaOf({ spec: { hard: { pods: '1' }, scopes: [scope] } } as unknown as MaybeCounted),
          evaluator,
          object,
        ),
      })),
    },
  ];
}

const quotaOf = (quota: MaybeCounted): MaybeCounted => ({
  ...quota,
  kind: 'ResourceQuota',
  apiVersion: 'v1',
});

function quotaCheckAnswers(recorded: RecordedCase, object: ApiObject): readonly [unknown, unknown] {
  const quotas = (recorded['quotas'] as readonly MaybeCounted[]).map(quotaOf);
  const { resource, ...others } = attributesOf('pods', object);
  const charged = chargeQuotas(quotas, { ...others, info: infoOf(resource), object }, 0);
  const want = { used: recorded['used'], denied: recorded['denied'] };
  if ('code' in charged) return [want, { used: undefined, denied: denial(charged) }];
  return [want, { used: charged.map(usedOf), denied: undefined }];
}

const usedOf = ({ metadata, status }: MaybeCounted): object => ({
  name: metadata.name,
  used: Object.fromEntries(
    Object.entries(status?.used ?? {}).map(([name, value]) => [name, quantityText(value)]),
  ),
});

/** The namespace enforces the level. */
function podSecurityAnswer(object: ApiObject, level: 'baseline' | 'restricted'): unknown {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'default', labels: { 'pod-security.kubernetes.io/enforce': level } },
  };
  const context = contextOf(viewOf('namespaces', [namespace as unknown as ApiObject]));
  const refusal = podSecurity.validate?.(attributesOf('pods', object), context);
  if (refusal === undefined) return { allowed: true };
  const violations = violationsOf({ level, version: 'latest' }, object.metadata, (object as Pod).spec);
  return {
    allowed: false,
    message: refusal.message,
    detail: violationText(violations),
    details: violations.map(({ detail }) => detail),
    reasons: violations.map(({ reason }) => reason),
  };
}

function priorityAnswers(recorded: RecordedCase, object: ApiObject): readonly [unknown, unknown] {
  const classes = (recorded['classes'] as readonly PriorityClass[]).map((one) => ({
    ...one,
    kind: 'PriorityClass',
  }));
  const context = contextOf(viewOf('priorityclasses', classes as readonly ApiObject[]));
  const answer = priority.admit?.(attributesOf('pods', object), object, context) ?? object;
  const want = { result: recorded['result'], error: recorded['error'] };
  if (isRefusal(answer)) return [want, { result: undefined, error: denial(answer) }];
  const spec = (answer as Pod).spec;
  const result = {
    priority: spec.priority ?? null,
    priorityClassName: spec.priorityClassName ?? null,
    preemptionPolicy: spec.preemptionPolicy ?? null,
  };
  return [want, { result, error: undefined }];
}

function infoOf(resource: string): ResourceInfo {
  const info = resourceNamed(resource);
  if (info === undefined) throw new Error(`no resource ${resource}`);
  return info;
}

const attributesOf = (resource: string, object: ApiObject): AdmissionAttributes & { object: ApiObject } => ({
  operation: 'CREATE',
  resource,
  subresource: '',
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
  object: object as Pod | PersistentVolumeClaim,
  oldObject: undefined,
  user: superAdminUser,
  dryRun: false,
});

const contextOf = (...views: readonly View[]): AdmissionContext => ({
  view: (resource) => views.find((view) => view.resource === resource) ?? emptyView<string>(resource),
});

const viewOf = (resource: string, objects: readonly ApiObject[]): View =>
  objects.reduce((view, object) => withObject(view, keyOf(object), object, 1), emptyView<string>(resource));
