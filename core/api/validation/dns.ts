/** Name servers of a Pod. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, validatePodDNSConfig) */
import { invalidValue, required } from '../field-error.ts';
import type { PodSpec } from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { checkForm, ipMessage, isIP, type Errors, type NameForm } from './fields.ts';

const mostNameservers = 3;
const mostSearches = 32;
const mostSearchCharacters = 2048;

export function checkDns(errors: Errors, field: string, { dnsConfig, dnsPolicy }: PodSpec): void {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && dnsConfig === undefined)
    errors.push(required(field, 'must provide `dnsConfig` when `dnsPolicy` is None'));
  else if (dnsPolicy === 'None' && nameservers.length === 0) {
    errors.push(
      required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
    );
    return;
  }
  if (nameservers.length > mostNameservers)
    errors.push(
      invalidValue(
        `${field}.nameservers`,
        nameservers,
        `must not have more than ${mostNameservers} nameservers`,
      ),
    );
  nameservers.forEach((address, i) => {
    if (!isIP(address)) errors.push(invalidValue(`${field}.nameservers[${i}]`, address, ipMessage));
  });
  checkSearches(errors, `${field}.searches`, searches);
  options.forEach(({ name = '' }, i) => {
    if (name === '') errors.push(required(`${field}.options[${i}]`, 'must not be empty'));
  });
}

function checkSearches(errors: Errors, field: string, searches: readonly string[]): void {
  if (searches.length > mostSearches)
    errors.push(invalidValue(field, searches, `must not have more than ${mostSearches} search paths`));
  if (byteLength(searches.join(' ')) > mostSearchCharacters)
    errors.push(
      invalidValue(
        field,
        searches,
        `must not have more than ${mostSearchCharacters} characters (including spaces) in the search list`,
      ),
    );
  searches.forEach((search, i) => {
    if (search === '.') return;
    checkForm(errors, `${field}[${i}]`, search.endsWith('.') ? search.slice(0, -1) : search, searchForm);
  });
}

const part = '[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?';
const format = `${part}(\\.${part})*`;
const search = new RegExp(`^${format}$`);

/** A subdomain, in which underscores are allowed: service records have them. */
const searchForm: NameForm = (text) => [
  ...(byteLength(text) > 253 ? ['must be no more than 253 characters'] : []),
  ...(search.test(text)
    ? []
    : [
        `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${format}')`,
      ]),
];
