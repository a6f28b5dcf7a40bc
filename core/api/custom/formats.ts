/**
 * The formats that texts of a custom resource are checked for; every other is ignored.
 * (apiextensions-apiserver/pkg/apiserver/validation/formats.go, kube-openapi/pkg/validation/strfmt)
 */
import { formats } from '../../cel/library/formats.ts';
import { isURL } from '../../cel/library/urls.ts';
import { dns1123LabelErrors } from '../../text/label-format.ts';
import { isQuantity } from '../../text/quantity.ts';
import { isCIDR, isIPv4, isIPv6 } from '../validation/fields.ts';

const form =
  (pattern: RegExp): ((text: string) => boolean) =>
  (text) =>
    pattern.test(text);

const named =
  (name: string): ((text: string) => boolean) =>
  (text) =>
    (formats[name]?.(text) ?? []).length === 0;

const longName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const hostLabel = '[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?';
const hostname = new RegExp(`^${hostLabel}(?:\\.${hostLabel})*\\.?$`);
const color = '(?:[01]?\\d{1,2}|2[0-4]\\d|25[0-5])';

/** By the name without hyphens, as formats are compared. */
const checks: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: form(/^[0-9a-fA-F]{24}$/),
  uri: isURL,
  email: form(/^[^\s@<>]+@[^\s@<>]+$/),
  hostname: (text) => text.length <= 255 && hostname.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCIDR,
  mac: form(/^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4,18}[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,9})$/i),
  uuid: named('uuid'),
  uuid3: form(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid4: form(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  uuid5: form(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: (text) => isIsbn10(text),
  isbn13: (text) => isIsbn13(text),
  creditcard: form(/^(?:\D*\d){13,19}\D*$/),
  ssn: form(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: form(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  rgbcolor: form(new RegExp(`^rgb\\(\\s*${color}\\s*,\\s*${color}\\s*,\\s*${color}\\s*\\)$`)),
  byte: named('byte'),
  password: () => true,
  date: named('date'),
  duration: isDuration,
  datetime: named('datetime'),
  quantity: isQuantity,
  k8sshortname: (text) => dns1123LabelErrors(text).length === 0,
  k8slongname: (text) => text.length <= 253 && longName.test(text),
};

/** The check of a format; undefined for one that is ignored. */
export function formatCheck(format: string | undefined): ((text: string) => boolean) | undefined {
  if (format === undefined || format === '') return undefined;
  const name = format.replaceAll('-', '');
  return Object.hasOwn(checks, name) ? checks[name] : undefined;
}

/** As Go writes durations, or Scala: `1h30m`, `22 ns`, `2 weeks`. */
function isDuration(text: string): boolean {
  if (text === '0') return true;
  const go = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
  const scala =
    /^\d+\s*(?:ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hr|hours?|d|days?|w|wk|weeks?)$/i;
  return go.test(text) || scala.test(text);
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = Array.from(digits).reduce(
    (all, digit, i) => all + (i + 1) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  return (
    Array.from(digits).reduce((all, digit, i) => all + Number(digit) * (i % 2 === 0 ? 1 : 3), 0) % 10 === 0
  );
}
