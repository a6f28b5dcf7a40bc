/** IP addresses and ranges of them as numbers, and the addresses that no endpoint may have. (k8s.io/utils/net) */
import { invalidValue } from '../field-error.ts';
import { ipMessage, isCIDR, isIP, isIPv4, type Errors } from './fields.ts';

export const cidrMessage = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

export function checkIP(errors: Errors, field: string, value: string): void {
  if (!isIP(value)) errors.push(invalidValue(field, value, ipMessage));
}

export function checkCIDR(errors: Errors, field: string, value: string): void {
  if (!isCIDR(value)) errors.push(invalidValue(field, value, cidrMessage));
}

interface Range {
  /** Bits of an address of its family. */
  readonly width: 32 | 128;
  readonly address: bigint;
  /** How many of the bits, from the highest, all its addresses share. */
  readonly prefix: number;
}

/** The range that a CIDR names, which must be one. */
function rangeOf(cidr: string): Range {
  const [address = '', prefix = '0'] = cidr.split('/');
  const width = isIPv4(address) ? 32 : 128;
  return { width, address: width === 32 ? bits4(address) : bits6(address), prefix: Number(prefix) };
}

const bits4 = (text: string): bigint =>
  text.split('.').reduce((bits, part) => bits * 256n + BigInt(part), 0n);

function bits6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const [first, last] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? [] : new Array<bigint>(8 - first.length - last.length).fill(0n);
  return [...first, ...middle, ...last].reduce((bits, group) => bits * 65_536n + group, 0n);
}

/** Groups of 16 bits; an IPv4 address at the end makes two. */
const groups = (text: string): readonly bigint[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [BigInt(`0x${group}`)];
        const bits = bits4(group);
        return [bits / 65_536n, bits % 65_536n];
      });

/** Whether `inner` is a part of `outer`, and not all of it. Both must be CIDRs. */
export function isStrictSubset(inner: string, outer: string): boolean {
  const [small, large] = [rangeOf(inner), rangeOf(outer)];
  if (small.width !== large.width || large.prefix >= small.prefix) return false;
  const shift = BigInt(large.width - large.prefix);
  return small.address >> shift === large.address >> shift;
}

/** Whether two texts are one address (or range) of each family. */
export function isDualStack(texts: readonly string[]): boolean {
  const four = texts.filter((text) => !text.includes(':')).length;
  return four > 0 && four < texts.length;
}

/** Addresses that mean something else than a place in the network. (ValidateNonSpecialIP) */
export function checkNotSpecial(errors: Errors, field: string, text: string): void {
  const wrong = (detail: string): void => {
    errors.push(invalidValue(field, text, detail));
  };
  if (!isIP(text)) {
    wrong('must be a valid IP address');
    return;
  }
  const { width, address } = rangeOf(`${text}/0`);
  const starts = (four: bigint, fourBits: number, six: bigint, sixBits: number): boolean =>
    width === 32 ? address >> BigInt(32 - fourBits) === four : address >> BigInt(128 - sixBits) === six;
  if (address === 0n) wrong(`may not be unspecified (${text})`);
  if (starts(127n, 8, 1n, 128)) wrong('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (starts(0xa9_fen, 16, 0x3fan, 10))
    wrong('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (starts(0xe0_00_00n, 24, 0xff02n, 16))
    wrong('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
}
