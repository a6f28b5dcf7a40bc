/**
 * Addresses and CIDRs: what fields of old accept (leading zeros, bits beyond the prefix are told where a new value is
 * written), and the one form that new fields accept. (kubernetes v1.34.1 apimachinery/pkg/util/validation/ip.go)
 */

const notAnAddress = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const notACidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** An address as 4 bytes, or as 8 groups of 16 bits. */
interface Address {
  readonly parts: readonly number[];
  readonly bits: 32 | 128;
  /** A part has zeros before it that its value does not need. */
  readonly leadingZeros: boolean;
}

/** What is wrong with an address in a field that takes more than the canonical form. */
export const legacyIPErrors = (text: string): readonly string[] => addressErrors(readAddress(text));

/** As above, for a field that takes the canonical form alone. */
export function ipErrors(text: string): readonly string[] {
  const address = readAddress(text);
  const errors = addressErrors(address);
  if (errors.length > 0 || address === undefined) return errors;
  return canonicalErrors(text, addressText(address));
}

function addressErrors(address: Address | undefined): readonly string[] {
  if (address === undefined) return [notAnAddress];
  if (address.leadingZeros) return ['must not have leading 0s'];
  return isMapped(address) ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

const canonicalErrors = (text: string, canonical: string): readonly string[] =>
  text === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];

interface Cidr {
  readonly address: Address;
  readonly prefix: number;
  readonly leadingZeros: boolean;
}

export const legacyCIDRErrors = (text: string): readonly string[] => prefixErrors(readCidr(text));

export function cidrErrors(text: string): readonly string[] {
  const cidr = readCidr(text);
  const errors = prefixErrors(cidr);
  if (errors.length > 0 || cidr === undefined) return errors;
  return canonicalErrors(text, `${addressText(cidr.address)}/${cidr.prefix}`);
}

function prefixErrors(cidr: Cidr | undefined): readonly string[] {
  if (cidr === undefined) return [notACidr];
  if (cidr.leadingZeros || cidr.address.leadingZeros)
    return ['must not have leading 0s in IP or prefix length'];
  if (isMapped(cidr.address)) return ['must not have an IPv4-mapped IPv6 address'];
  return hasBitsBeyond(cidr) ? ['must not have bits set beyond the prefix length'] : [];
}

/** The parts of a CIDR, also of one that only old fields take. */
export function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const [before, after] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  const address = readAddress(before);
  if (slash < 0 || address === undefined || !/^[0-9]+$/.test(after)) return undefined;
  const prefix = Number(after);
  return prefix > address.bits ? undefined : { address, prefix, leadingZeros: after !== `${prefix}` };
}

export function hasBitsBeyond({ address, prefix }: Cidr): boolean {
  const width = address.bits === 32 ? 8 : 16;
  return address.parts.some((part, i) => {
    const kept = Math.min(width, Math.max(0, prefix - i * width));
    return (part & ((1 << (width - kept)) - 1)) !== 0;
  });
}

/** The parts of an address, also of one that only old fields take. */
export const readAddress = (text: string): Address | undefined =>
  text.includes(':') ? readV6(text) : readV4(text);

function readV4(text: string): Address | undefined {
  const texts = text.split('.');
  if (texts.length !== 4 || texts.some((part) => !/^[0-9]+$/.test(part) || Number(part) > 255))
    return undefined;
  const parts = texts.map(Number);
  return { parts, bits: 32, leadingZeros: parts.join('.') !== text };
}

function readV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = '', right] = halves;
  const [before, after] = [readGroups(left, right === undefined), readGroups(right ?? '', true)];
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.parts.length - after.parts.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const zeros = Array.from({ length: missing }, () => 0);
  return {
    parts: [...before.parts, ...zeros, ...after.parts],
    bits: 128,
    leadingZeros: before.leadingZeros || after.leadingZeros,
  };
}

/** `1:2:3`, and at the end of the address also `1:2:10.0.0.1`. */
function readGroups(text: string, mayEndInV4: boolean): Omit<Address, 'bits'> | undefined {
  if (text === '') return { parts: [], leadingZeros: false };
  const parts: number[] = [];
  let leadingZeros = false;
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-fA-F]+$/.test(group) && Number.parseInt(group, 16) <= 0xffff) {
      parts.push(Number.parseInt(group, 16));
      leadingZeros ||= group.length > 4;
      continue;
    }
    const v4 = mayEndInV4 && i === groups.length - 1 ? readV4(group) : undefined;
    if (v4 === undefined) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = v4.parts;
    parts.push(a * 256 + b, c * 256 + d);
    leadingZeros ||= v4.leadingZeros;
  }
  return { parts, leadingZeros };
}

export const isMapped = ({ parts, bits }: Address): boolean =>
  bits === 128 && parts.every((part, i) => i > 5 || part === (i === 5 ? 0xffff : 0));

/** The canonical text: of the runs of zero groups the first longest is left out. (RFC 5952) */
export function addressText({ parts, bits }: Address): string {
  if (bits === 32) return parts.join('.');
  let [start, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && parts[end] === 0) end++;
    if (end - i > length) [start, length] = [i, end - i];
    if (end > i) i = end - 1;
  }
  const text = (groups: readonly number[]): string => groups.map((group) => group.toString(16)).join(':');
  return start < 0 ? text(parts) : `${text(parts.slice(0, start))}::${text(parts.slice(start + length))}`;
}
