/** Field errors as the recordings write them. */
import { causeReason, errorBody, type FieldError } from '../../../core/api/field-error.ts';

export interface RecordedError {
  readonly type: string;
  readonly field: string;
  readonly detail: string;
  readonly body: string;
}

/** An error in the words of the recordings. The body has the value in it. */
export const recordedError = (error: FieldError): RecordedError => ({
  type: causeReason[error.type],
  field: error.field,
  detail: error.detail,
  body: errorBody(error),
});

/** The recorded errors, with the parts that are compared. */
export const comparableErrors = (errors: unknown): readonly RecordedError[] =>
  ((errors ?? []) as readonly RecordedError[]).map(({ type, field, detail, body }) => ({
    type,
    field,
    detail,
    body,
  }));
