/** What is wrong with a field, printed as Kubernetes prints it. (apimachinery/pkg/util/validation/field/errors.go) */
import type { Json } from './generated/types.ts';
import { goJson, goQuote } from './go/quote.ts';

export type FieldErrorType =
  | 'Required value'
  | 'Invalid value'
  /** Prints as an invalid value; its cause has a reason of its own. */
  | 'Invalid type'
  | 'Unsupported value'
  | 'Duplicate value'
  | 'Forbidden'
  | 'Not found'
  | 'Too long'
  | 'Too many'
  | 'Internal error';

export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].image`. */
  readonly field: string;
  /** The value as the manifest has it; undefined where the message does not show one. */
  readonly badValue?: Json | undefined;
  /** The rest of the message; may be empty. */
  readonly detail: string;
}

/** The reason of a cause in a Status. */
export const causeReason: Readonly<Record<FieldErrorType, string>> = {
  'Required value': 'FieldValueRequired',
  'Invalid value': 'FieldValueInvalid',
  'Invalid type': 'FieldValueTypeInvalid',
  'Unsupported value': 'FieldValueNotSupported',
  'Duplicate value': 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  'Not found': 'FieldValueNotFound',
  'Too long': 'FieldValueTooLong',
  'Too many': 'FieldValueTooMany',
  'Internal error': 'InternalError',
};

const showsValue: ReadonlySet<FieldErrorType> = new Set<FieldErrorType>([
  'Invalid value',
  'Invalid type',
  'Unsupported value',
  'Duplicate value',
  'Not found',
  'Too many',
]);

/** `Invalid value: -1: must be greater than or equal to 0`. */
export function errorBody(error: FieldError): string {
  const value = showsValue.has(error.type) && error.badValue !== undefined ? `: ${show(error.badValue)}` : '';
  const type = error.type === 'Invalid type' ? 'Invalid value' : error.type;
  return `${type}${value}${error.detail === '' ? '' : `: ${error.detail}`}`;
}

/** Text as `%q` writes it, anything else as Go's JSON. (ErrorBody) */
const show = (value: Json): string => (typeof value === 'string' ? goQuote(value) : goJson(value));

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export const errorText = (error: FieldError): string => `${error.field}: ${errorBody(error)}`;

/** One message, or `[a, b]` for several, each said once. */
export function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}

export const required = (field: string, detail = ''): FieldError => ({
  type: 'Required value',
  field,
  detail,
});

export const invalidValue = (field: string, badValue: Json, detail: string): FieldError => ({
  type: 'Invalid value',
  field,
  badValue,
  detail,
});

export const forbidden = (field: string, detail: string): FieldError => ({
  type: 'Forbidden',
  field,
  detail,
});

export const duplicate = (field: string, badValue: Json): FieldError => ({
  type: 'Duplicate value',
  field,
  badValue,
  detail: '',
});

export const unsupported = (field: string, badValue: Json, supported: readonly string[]): FieldError => ({
  type: 'Unsupported value',
  field,
  badValue,
  detail: `supported values: ${supported.map((value) => JSON.stringify(value)).join(', ')}`,
});

export const tooMany = (field: string, found: number, most: number): FieldError => ({
  type: 'Too many',
  field,
  badValue: found,
  detail: `must have at most ${most} ${most === 1 ? 'item' : 'items'}`,
});

export const tooLong = (field: string, mostBytes: number): FieldError => ({
  type: 'Too long',
  field,
  detail: `may not be more than ${mostBytes} bytes`,
});

/** An invalid value that is not shown. */
export const withoutValue = (field: string, detail: string): FieldError => ({
  type: 'Invalid value',
  field,
  detail,
});
