/** Where a Pod may run: affinity, tolerations, topology spread. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { duplicate, forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
  WeightedPodAffinityTerm,
} from '../generated/types.ts';
import { dns1123LabelErrors, labelValueErrors, qualifiedNameErrors } from '../../text/label-format.ts';
import { checkForm, checkLabelSelector, checkOneOf, subdomain, type Errors } from './fields.ts';

export function checkAffinity(errors: Errors, field: string, affinity: Affinity | undefined): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  if (nodeAffinity !== undefined) {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: must,
      preferredDuringSchedulingIgnoredDuringExecution: may,
    } = nodeAffinity;
    if (must !== undefined)
      checkNodeSelector(errors, `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`, must);
    (may ?? []).forEach(({ weight, preference }, i) => {
      const at = `${field}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      checkWeight(errors, `${at}.weight`, weight);
      checkNodeSelectorTerm(errors, `${at}.preference`, preference, false);
    });
  }
  for (const [name, part] of [
    ['podAffinity', podAffinity],
    ['podAntiAffinity', podAntiAffinity],
  ] as const) {
    if (part === undefined) continue;
    checkPodTerms(errors, `${field}.${name}`, part);
  }
}

function checkWeight(errors: Errors, field: string, weight: number): void {
  if (weight <= 0 || weight > 100) errors.push(invalidValue(field, weight, 'must be in the range 1-100'));
}

/** What Nodes must be like. */
export function checkNodeSelector(errors: Errors, field: string, selector: NodeSelector): void {
  if (selector.nodeSelectorTerms.length === 0)
    errors.push(required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term'));
  selector.nodeSelectorTerms.forEach((term, i) => {
    checkNodeSelectorTerm(errors, `${field}.nodeSelectorTerms[${i}]`, term, true);
  });
}

/** Where it is only preferred, a value that no label can have does no harm. */
function checkNodeSelectorTerm(
  errors: Errors,
  field: string,
  term: NodeSelectorTerm,
  withValues: boolean,
): void {
  (term.matchExpressions ?? []).forEach((expression, i) => {
    const at = `${field}.matchExpressions[${i}]`;
    checkNodeExpression(errors, at, expression);
    if (withValues)
      (expression.values ?? []).forEach((value, j) => {
        checkForm(errors, `${at}.values[${j}]`, value, labelValueErrors);
      });
  });
  (term.matchFields ?? []).forEach((expression, i) => {
    checkNodeField(errors, `${field}.matchFields[${i}]`, expression);
  });
}

function checkNodeExpression(
  errors: Errors,
  field: string,
  { key, operator, values = [] }: NodeSelectorRequirement,
): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(
          forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(
          required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        );
      break;
    default:
      errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  checkForm(errors, `${field}.key`, key, qualifiedNameErrors);
}

function checkNodeField(
  errors: Errors,
  field: string,
  { key, operator, values = [] }: NodeSelectorRequirement,
): void {
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
  else if (values.length !== 1)
    errors.push(
      required(
        `${field}.values`,
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      ),
    );
  if (key !== 'metadata.name')
    errors.push(invalidValue(`${field}.key`, key, 'not a valid field selector key'));
  else
    values.forEach((value, i) => {
      checkForm(errors, `${field}.values[${i}]`, value, subdomain);
    });
}

interface PodTerms {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[] | undefined;
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[] | undefined;
}

function checkPodTerms(errors: Errors, field: string, terms: PodTerms): void {
  (terms.requiredDuringSchedulingIgnoredDuringExecution ?? []).forEach((term, i) => {
    checkPodTerm(errors, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, term);
  });
  (terms.preferredDuringSchedulingIgnoredDuringExecution ?? []).forEach(({ weight, podAffinityTerm }, i) => {
    const at = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    checkWeight(errors, `${at}.weight`, weight);
    checkPodTerm(errors, `${at}.podAffinityTerm`, podAffinityTerm);
  });
}

function checkPodTerm(errors: Errors, field: string, term: PodAffinityTerm): void {
  checkLabelSelector(errors, `${field}.labelSelector`, term.labelSelector);
  checkLabelSelector(errors, `${field}.namespaceSelector`, term.namespaceSelector);
  for (const namespace of term.namespaces ?? [])
    checkForm(errors, `${field}.namespace`, namespace, dns1123LabelErrors);
  checkLabelKeys(errors, `${field}.matchLabelKeys`, term.matchLabelKeys, term.labelSelector);
  checkLabelKeys(errors, `${field}.mismatchLabelKeys`, term.mismatchLabelKeys, term.labelSelector);
  checkSelectedTwice(errors, field, term.matchLabelKeys, term.labelSelector);
  (term.matchLabelKeys ?? []).forEach((key, i) => {
    if ((term.mismatchLabelKeys ?? []).includes(key))
      errors.push(
        invalidValue(
          `${field}.matchLabelKeys[${i}]`,
          key,
          'exists in both matchLabelKeys and mismatchLabelKeys',
        ),
      );
  });
  if (term.topologyKey === '') errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  checkForm(errors, `${field}.topologyKey`, term.topologyKey, qualifiedNameErrors);
}

function checkLabelKeys(
  errors: Errors,
  field: string,
  keys: readonly string[] = [],
  selector: LabelSelector | undefined,
): void {
  if (keys.length > 0 && selector === undefined)
    errors.push(forbidden(field, 'must not be specified when labelSelector is not set'));
  else
    keys.forEach((key, i) => {
      checkForm(errors, `${field}[${i}]`, key, qualifiedNameErrors);
    });
}

/** The server adds an expression for each key: one that was there already makes two. */
function checkSelectedTwice(
  errors: Errors,
  field: string,
  keys: readonly string[] = [],
  selector: LabelSelector | undefined,
): void {
  const selected = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) {
    if (keys.includes(key) && selected.has(key))
      errors.push(
        invalidValue(
          `${field}[${keys.lastIndexOf(key)}]`,
          key,
          'exists in both matchLabelKeys and labelSelector',
        ),
      );
    selected.add(key);
  }
}

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function checkTolerations(
  errors: Errors,
  field: string,
  tolerations: readonly Toleration[] | undefined,
): void {
  (tolerations ?? []).forEach((toleration, i) => {
    const at = `${field}[${i}]`;
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    if (key !== '') checkForm(errors, `${at}.key`, key, qualifiedNameErrors);
    if (key === '' && operator !== 'Exists')
      errors.push(
        invalidValue(
          `${at}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(
        invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    if (operator === 'Exists') {
      if (value !== '')
        errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else if (operator !== '' && operator !== 'Equal')
      errors.push(unsupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    else {
      const wrong = labelValueErrors(value);
      if (wrong.length > 0) errors.push(invalidValue(`${at}.operator`, value, wrong.join(';')));
    }
    if (effect !== '') checkOneOf(errors, `${at}.effect`, effect, taintEffects);
  });
}

export function checkTopologySpread(
  errors: Errors,
  field: string,
  constraints: readonly TopologySpreadConstraint[] | undefined,
): void {
  const all = constraints ?? [];
  all.forEach((constraint, i) => {
    const at = `${field}[${i}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    if (maxSkew <= 0) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (topologyKey === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    checkOneOf(errors, `${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']);
    const later = all.findIndex(
      (other, j) =>
        j > i && other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable,
    );
    if (later >= 0)
      errors.push(
        duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`),
      );
    if (minDomains !== undefined && minDomains <= 0)
      errors.push(invalidValue(`${at}.minDomains`, minDomains, 'must be greater than zero'));
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule')
      errors.push(
        invalidValue(
          `${at}.minDomains`,
          minDomains,
          `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
        ),
      );
    for (const part of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[part];
      if (policy !== undefined) checkOneOf(errors, `${at}.${part}`, policy, ['Honor', 'Ignore']);
    }
    checkLabelKeys(errors, `${at}.matchLabelKeys`, constraint.matchLabelKeys, constraint.labelSelector);
    checkSelectedTwice(errors, `${at}.matchLabelKeys`, constraint.matchLabelKeys, constraint.labelSelector);
    checkLabelSelector(errors, `${at}.labelSelector`, constraint.labelSelector);
  });
}
