/** What server-side apply and the tracking of ordinary writes are asked, and what they answer. */
import type { Time } from '../generated/types.ts';
import type { Status } from '../request.ts';

/** Who writes, and when. */
export interface Writer {
  /** The fieldManager of the request, or else the first part of its user agent. */
  readonly manager: string;
  /** The current second: RFC 3339. */
  readonly now: Time;
  /** `status`, `scale`: its entries are kept apart from those of the object itself. */
  readonly subresource?: string | undefined;
}

export interface Applier extends Writer {
  /** Take fields from other managers instead of refusing. */
  readonly force: boolean;
}

/** What may be written, with the managedFields in its metadata, or the Status that refuses the request. */
export type Applied<T> = { readonly object: T } | { readonly failure: Status };
