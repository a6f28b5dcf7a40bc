/** The checks that many fields share, each adding what is wrong to a list. (apimachinery/pkg/api/validation) */
import { invalidValue, required, unsupported, type FieldError } from '../field-error.ts';
import type { Json, LabelSelector } from '../generated/types.ts';
import {
  byteLength,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { readAddress, readCidr } from '../names/ip.ts';
import { compareQuantities, isQuantity, quantityText } from '../../text/quantity.ts';

export type Errors = FieldError[];

/** What a name may be: the messages of what is wrong with it. */
export type NameForm = (name: string) => readonly string[];

export function checkForm(errors: Errors, field: string, value: string, form: NameForm): void {
  for (const message of form(value)) errors.push(invalidValue(field, value, message));
}

const notNegative = 'must be greater than or equal to 0';

export function checkNotNegative(errors: Errors, field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(invalidValue(field, value, notNegative));
}

export function checkOneOf(errors: Errors, field: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) errors.push(unsupported(field, value, allowed));
}

/** As above, for a field that must be given. */
export function checkRequiredOneOf(
  errors: Errors,
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): void {
  if (value === undefined || value === '') errors.push(required(field));
  else checkOneOf(errors, field, value, allowed);
}

export function checkRange(errors: Errors, field: string, value: number, least: number, most: number): void {
  if (value < least || value > most)
    errors.push(invalidValue(field, value, `must be between ${least} and ${most}, inclusive`));
}

export const checkPort = (errors: Errors, field: string, value: number): void => {
  checkRange(errors, field, value, 1, 65_535);
};

/** A port by number, or by the name a container gives it. */
export function checkPortOrName(errors: Errors, field: string, value: number | string): void {
  if (typeof value === 'number') checkPort(errors, field, value);
  else checkForm(errors, field, value, portNameErrors);
}

/** IANA service names: at most 15 of a-z, 0-9 and hyphens, with a letter among them. */
export function portNameErrors(name: string): readonly string[] {
  const errors: string[] = [];
  if (byteLength(name) > 15) errors.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
  if (name.includes('--')) errors.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export const isIPv4 = (text: string): boolean => readAddress(text)?.bits === 32;

export const isIPv6 = (text: string): boolean => readAddress(text)?.bits === 128;

/** The fields that are there since the beginning take an address in any form. */
export const isIP = (text: string): boolean => readAddress(text) !== undefined;

export const ipMessage = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

export const isCIDR = (text: string): boolean => readCidr(text) !== undefined;

/** Labels, and every map that must have the form of labels. */
export function checkLabels(
  errors: Errors,
  field: string,
  labels: Readonly<Record<string, string>> | undefined,
): void {
  if (labels === undefined) return;
  for (const key in labels) {
    checkForm(errors, field, key, qualifiedNameErrors);
    checkForm(errors, field, labels[key] ?? '', labelValueErrors);
  }
}

/** 256 KiB for keys and values together. */
const annotationBytes = 262_144;

export function checkAnnotations(
  errors: Errors,
  field: string,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  if (annotations === undefined) return;
  let characters = 0;
  for (const key in annotations) {
    if (qualifiedNameErrors(key).length > 0)
      for (const message of qualifiedNameErrors(key.toLowerCase()))
        errors.push(invalidValue(field, key, message));
    characters += key.length + (annotations[key] ?? '').length;
  }
  // A character is three bytes at most (two make one of four): only a large map is counted.
  if (characters * 3 > annotationBytes && bytesOf(annotations) > annotationBytes)
    errors.push({ type: 'Too long', field, detail: `may not be more than ${annotationBytes} bytes` });
}

function bytesOf(map: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const key in map) bytes += byteLength(key) + byteLength(map[key] ?? '');
  return bytes;
}

const setOperators = ['In', 'NotIn'];
const existenceOperators = ['Exists', 'DoesNotExist'];

/** A LabelSelector as a manifest writes it. */
export function checkLabelSelector(errors: Errors, field: string, selector: LabelSelector | undefined): void {
  if (selector === undefined) return;
  checkLabels(errors, `${field}.matchLabels`, selector.matchLabels);
  (selector.matchExpressions ?? []).forEach(({ key, operator, values }, i) => {
    const at = `${field}.matchExpressions[${i}]`;
    if (setOperators.includes(operator)) {
      if ((values ?? []).length === 0)
        errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (existenceOperators.includes(operator)) {
      if ((values ?? []).length > 0)
        errors.push({
          type: 'Forbidden',
          field: `${at}.values`,
          detail: "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        });
    } else errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
    checkForm(errors, `${at}.key`, key, qualifiedNameErrors);
    (values ?? []).forEach((value, j) => {
      checkForm(errors, `${at}.values[${j}]`, value, labelValueErrors);
    });
  });
}

/** Values of a plain selector map joined in one error each, as the topology and node selectors do. */
export const isEmptySelector = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;

/** A quantity that must not be negative. */
export function checkQuantityNotNegative(errors: Errors, field: string, text: string): void {
  if (!isQuantity(text) || compareQuantities(text, '0') < 0)
    errors.push(invalidValue(field, quantityText(text), notNegative));
}

/** A number, or a percentage: `25%`. */
export function checkIntOrPercent(errors: Errors, field: string, value: number | string): void {
  if (typeof value === 'number') checkNotNegative(errors, field, value);
  else if (!/^[0-9]+%$/.test(value))
    errors.push(
      invalidValue(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    );
}

/** Whether a number, or a percentage, is nothing: what is neither counts as nothing. */
export const isZero = (value: number | string): boolean =>
  typeof value === 'number' ? value === 0 : !/^[0-9]+%?$/.test(value) || Number.parseInt(value, 10) === 0;

/** The part of a percentage before the sign. */
export const percentOf = (value: string): number => Number(value.slice(0, -1));

export const json = (value: unknown): Json => (value ?? null) as Json;

export const subdomain: NameForm = dns1123SubdomainErrors;
export const label: NameForm = dns1123LabelErrors;

/** A name in a path of a URL. (apimachinery/pkg/api/validation/path) */
export const pathSegment: NameForm = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
};

const wildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `*.example.com`. */
export const wildcardSubdomain: NameForm = (text) => [
  ...(byteLength(text) > 253 ? ['must be no more than 253 characters'] : []),
  ...(wildcard.test(text)
    ? []
    : [
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ]),
];

const httpPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** `acme.io/foo`. */
export function checkDomainPrefixedPath(errors: Errors, field: string, value: string): void {
  if (value === '') {
    errors.push(required(field));
    return;
  }
  const slash = value.indexOf('/');
  const [host, path] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (slash < 1 || path === '') {
    errors.push(invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  checkForm(errors, field, host, dns1123SubdomainErrors);
  if (!httpPath.test(path))
    errors.push(
      invalidValue(
        field,
        path,
        "Invalid path (e.g. 'acme.io/foo', regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
      ),
    );
}

/** A value that stays what it was. */
export function checkImmutableField(errors: Errors, field: string, next: Json, before: Json): void {
  if (!same(next, before)) errors.push(invalidValue(field, next, 'field is immutable'));
}

/** A percentage is at most 100 %. */
export function checkNotOverHundred(errors: Errors, field: string, value: number | string): void {
  if (typeof value === 'string' && /^[0-9]+%$/.test(value) && percentOf(value) > 100)
    errors.push(invalidValue(field, value, 'must not be greater than 100%'));
}

const configKeyMessage =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** A key of a ConfigMap or a Secret. */
export function configKeyErrors(key: string): readonly string[] {
  const errors: string[] = [];
  if (byteLength(key) > 253) errors.push('must be no more than 253 characters');
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) errors.push(configKeyMessage);
  if (key === '.') errors.push("must not be '.'");
  else if (key === '..') errors.push("must not be '..'");
  else if (key.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}
