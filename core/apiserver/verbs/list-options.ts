/** Which parameters of a list or a watch go together. (apimachinery/pkg/apis/meta/internalversion/validation) */
import { errorBody, errorText, forbidden, aggregate, type FieldError } from '../../api/field-error.ts';
import type { ListRequest, Status, WatchRequest } from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';

export function checkListOptions(request: ListRequest): Status | undefined {
  const { resourceVersion = '', resourceVersionMatch = '' } = request;
  const errors = matchErrors(resourceVersion, resourceVersionMatch, request.continue ?? '');
  if (errors.length > 0) return invalidOptions(errors);
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion))
    return badRequest(`invalid resource version: ${badRevision(resourceVersion)}`);
  if (
    request.continue !== undefined &&
    request.continue !== '' &&
    resourceVersion !== '' &&
    resourceVersion !== '0'
  )
    return badRequest('specifying resource version is not allowed when using continue');
  return undefined;
}

function matchErrors(revision: string, match: string, token: string): readonly FieldError[] {
  if (match === '') return [];
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  if (revision === '')
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  if (token !== '')
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  if (match !== 'Exact' && match !== 'NotOlderThan')
    errors.push({
      type: 'Unsupported value',
      field,
      badValue: match,
      detail: 'supported values: "Exact", "NotOlderThan", ""',
    });
  if (match === 'Exact' && revision === '0')
    errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  return errors;
}

export function checkWatchOptions(request: WatchRequest): Status | undefined {
  const { resourceVersionMatch = '', sendInitialEvents } = request;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined) {
    if (resourceVersionMatch === '')
      errors.push(
        forbidden(
          'resourceVersionMatch',
          'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        ),
      );
    else if (resourceVersionMatch !== 'NotOlderThan')
      errors.push({
        type: 'Unsupported value',
        field: 'resourceVersionMatch',
        badValue: resourceVersionMatch,
        detail: 'supported values: "NotOlderThan"',
      });
  } else if (resourceVersionMatch !== '')
    errors.push(
      forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  return errors.length === 0 ? undefined : invalidOptions(errors);
}

function invalidOptions(errors: readonly FieldError[]): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `ListOptions.meta.k8s.io "" is invalid: ${aggregate(errors.map(errorText))}`,
    reason: 'Invalid',
    details: {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: errors.map((error) => ({
        reason: error.type === 'Forbidden' ? 'FieldValueForbidden' : 'FieldValueNotSupported',
        message: errorBody(error),
        field: error.field,
      })),
    },
    code: 422,
  };
}

/** What Go says of a revision that is no number. */
export const badRevision = (text: string): string =>
  `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
