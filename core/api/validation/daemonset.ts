/** DaemonSets and ControllerRevisions. (kubernetes v1.34.1 pkg/apis/apps/validation/validation.go) */
import { invalidValue, required, unsupported } from '../field-error.ts';
import { internal, internalMap } from '../go/internal.ts';
import type { ControllerRevision, DaemonSet, DaemonSetUpdateStrategy } from '../generated/types.ts';
import { isSelectorError, labelSelectorRequirements, matchesLabels, matchesNothing } from '../selector.ts';
import {
  checkImmutableField,
  checkIntOrPercent,
  checkLabelSelector,
  checkNotNegative,
  checkNotOverHundred,
  isEmptySelector,
  isZero,
  json,
  type Errors,
} from './fields.ts';
import { checkKeptRunning } from './pod-template.ts';
import { checkPodTemplate } from './pod.ts';

export function checkDaemonSet(errors: Errors, { spec }: DaemonSet): void {
  const { selector, template = {} } = spec as Partial<DaemonSet['spec']>;
  checkLabelSelector(errors, 'spec.selector', selector);
  const requirements = selector === undefined ? matchesNothing : labelSelectorRequirements(selector);
  const labels = template.metadata?.labels;
  if (!isSelectorError(requirements) && !matchesLabels(requirements, labels))
    errors.push(
      invalidValue(
        'spec.template.metadata.labels',
        internalMap(labels),
        '`selector` does not match template `labels`',
      ),
    );
  if (selector !== undefined && isEmptySelector(selector))
    errors.push(
      invalidValue(
        'spec.selector',
        internal('LabelSelector', selector),
        'empty selector is invalid for daemonset',
      ),
    );
  checkPodTemplate(errors, 'spec.template', template);
  checkKeptRunning(errors, 'spec.template.spec', template.spec, 'DaemonSet');
  checkNotNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
  checkStrategy(errors, 'spec.updateStrategy', spec.updateStrategy ?? {});
  checkNotNegative(errors, 'spec.revisionHistoryLimit', spec.revisionHistoryLimit);
}

function checkStrategy(errors: Errors, field: string, strategy: DaemonSetUpdateStrategy): void {
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    errors.push({
      ...unsupported(field, null, ['RollingUpdate', 'OnDelete']),
      badValue: internal('DaemonSetUpdateStrategy', strategy),
    });
    return;
  }
  if (rollingUpdate === undefined) {
    errors.push(required(`${field}.rollingUpdate`));
    return;
  }
  const at = `${field}.rollingUpdate`;
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  checkIntOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable);
  checkIntOrPercent(errors, `${at}.maxSurge`, maxSurge);
  checkNotOverHundred(errors, `${at}.maxUnavailable`, maxUnavailable);
  checkNotOverHundred(errors, `${at}.maxSurge`, maxSurge);
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    errors.push(invalidValue(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
}

export function checkControllerRevision(errors: Errors, { data, revision }: ControllerRevision): void {
  if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'));
  checkNotNegative(errors, 'revision', revision);
}

export function checkControllerRevisionUpdate(
  errors: Errors,
  next: ControllerRevision,
  before: ControllerRevision,
): void {
  checkImmutableField(errors, 'data', json(next.data), json(before.data));
}
