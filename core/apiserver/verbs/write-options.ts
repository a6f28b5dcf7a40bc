/** Which parameters of a write go together. (kubernetes v1.34.1 apimachinery/pkg/apis/meta/v1/validation) */
import {
  aggregate,
  causeReason,
  errorBody,
  errorText,
  forbidden,
  invalidValue,
  required,
  unsupported,
  type FieldError,
} from '../../api/field-error.ts';
import type { CreateRequest, DeleteOptions, PatchRequest, Status, UpdateRequest } from '../../api/request.ts';

type Options = Pick<CreateRequest, 'dryRun' | 'fieldManager' | 'fieldValidation'>;

/** Why the options of a write are refused. Most writes have none, and are done after a few looks. */
export function checkWriteOptions(request: CreateRequest | UpdateRequest | PatchRequest): Status | undefined {
  const isApply = request.verb === 'patch' && request.patchType === 'apply';
  if (
    request.dryRun === undefined &&
    request.fieldManager === undefined &&
    request.fieldValidation === undefined &&
    (request.verb !== 'patch' || (!isApply && request.force === undefined))
  )
    return undefined;
  const errors: FieldError[] = [];
  if (request.verb === 'patch' && !isApply && request.force !== undefined)
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  if (isApply && (request.fieldManager ?? '') === '')
    errors.push(required('fieldManager', 'is required for apply patch'));
  errors.push(...optionErrors(request));
  if (errors.length === 0) return undefined;
  return invalidOptions(kindOfOptions[request.verb], errors);
}

const kindOfOptions = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions' } as const;

const longestManager = 128;

function optionErrors({ dryRun, fieldManager = '', fieldValidation = '' }: Options): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (fieldManager.length > longestManager)
    errors.push({
      type: 'Too long',
      field: 'fieldManager',
      detail: `may not be more than ${longestManager} bytes`,
    });
  errors.push(...dryRunErrors(dryRun));
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation))
    errors.push(unsupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  return errors;
}

const dryRunErrors = (dryRun: string | undefined): readonly FieldError[] =>
  dryRun === undefined || dryRun === '' || dryRun === 'All' ? [] : [unsupported('dryRun', [dryRun], ['All'])];

/** Whether everything is to be done but the writing. */
export const isDryRun = ({ dryRun }: { readonly dryRun?: string | undefined }): boolean =>
  dryRun !== undefined && dryRun !== '';

/** Why the options of a deletion are refused. */
export function checkDeleteOptions(options: DeleteOptions): Status | undefined {
  const { propagationPolicy, orphanDependents, dryRun } = options;
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined) {
    if (orphanDependents !== undefined)
      errors.push(
        invalidValue(
          'propagationPolicy',
          propagationPolicy,
          'orphanDependents and deletionPropagation cannot be both set',
        ),
      );
    if (!['Foreground', 'Background', 'Orphan'].includes(propagationPolicy))
      errors.push(
        unsupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']),
      );
  }
  errors.push(...dryRunErrors(dryRun));
  return errors.length === 0 ? undefined : invalidOptions('DeleteOptions', errors);
}

/** `DeleteOptions.meta.k8s.io "" is invalid: …`. */
export function invalidOptions(kind: string, errors: readonly FieldError[]): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${kind}.meta.k8s.io "" is invalid: ${aggregate(errors.map(errorText))}`,
    reason: 'Invalid',
    details: {
      group: 'meta.k8s.io',
      kind,
      causes: errors.map((error) => ({
        reason: causeReason[error.type],
        message: errorBody(error),
        field: error.field,
      })),
    },
    code: 422,
  };
}
