/** Which parameters of a list or a watch go together. (apimachinery/pkg/apis/meta/internalversion/validation) */
import { forbidden, type FieldError } from '../../api/field-error.ts';
import type { ListRequest, Status, WatchRequest } from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';
import { invalidOptions } from './write-options.ts';

export function checkListOptions(request: Omit<ListRequest, 'verb'>): Status | undefined {
  const { resourceVersion = '', resourceVersionMatch = '' } = request;
  const errors = matchErrors(resourceVersion, resourceVersionMatch, request.continue ?? '');
  if (request.sendInitialEvents !== undefined)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  if (errors.length > 0) return invalidOptions('ListOptions', errors);
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

function matchErrors(revision: string, match: string, token: string): FieldError[] {
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
  const field = 'resourceVersionMatch';
  if (sendInitialEvents !== undefined && resourceVersionMatch !== 'NotOlderThan')
    errors.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (sendInitialEvents === undefined && resourceVersionMatch !== '')
    errors.push(
      forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    );
  if (resourceVersionMatch !== '' && resourceVersionMatch !== 'NotOlderThan')
    errors.push({
      type: 'Unsupported value',
      field,
      badValue: resourceVersionMatch,
      detail: 'supported values: "NotOlderThan"',
    });
  return errors.length === 0 ? undefined : invalidOptions('ListOptions', errors);
}

/** What Go says of a revision that is no number. */
export const badRevision = (text: string): string =>
  `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
