/** What a controller that keeps its Pods running demands of their template. (kubernetes v1.34.1 pkg/apis/apps/validation) */
import { forbidden, unsupported } from '../field-error.ts';
import type { PodSpec } from '../generated/types.ts';
import type { Errors } from './fields.ts';

/** The Pods are restarted for ever: nothing may end them. */
export function checkKeptRunning(
  errors: Errors,
  field: string,
  spec: PodSpec | undefined,
  controller: string,
): void {
  const policy = spec?.restartPolicy ?? '';
  if (policy !== 'Always') errors.push(unsupported(`${field}.restartPolicy`, policy, ['Always']));
  if (spec?.activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden(`${field}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${controller} is not Supported`),
    );
}
