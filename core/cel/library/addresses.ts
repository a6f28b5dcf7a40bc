/** ip(), cidr() and what can be asked of them. (apiserver/pkg/cel/library/ip.go, cidr.go) */
import type { Environment } from '@marcbachmann/cel-js';
import { fail } from './failure.ts';
import { registerNamespace } from './namespace.ts';

/** An address is a number of 32 or 128 bits. */
class Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
  constructor(family: 4 | 6, bits: bigint) {
    this.family = family;
    this.bits = bits;
  }
}

class Cidr {
  readonly address: Address;
  readonly prefix: number;
  constructor(address: Address, prefix: number) {
    this.address = address;
    this.prefix = prefix;
  }
}

const IP = 'net.IP';
const CIDR = 'net.CIDR';

/** Adds the types net.IP and net.CIDR; a text that is neither is an error of the evaluation. */
export function registerAddresses(environment: Environment): void {
  registerNamespace(environment, 'ip', 'IPNamespace');
  environment
    .registerType(IP, Address)
    .registerType(CIDR, Cidr)
    .registerFunction(`ip(string): ${IP}`, addressOf)
    .registerFunction('isIP(string): bool', (text: string) => typeof parseAddress(text) !== 'string')
    .registerFunction(`cidr(string): ${CIDR}`, cidrOf)
    .registerFunction('isCIDR(string): bool', (text: string) => typeof parseCidr(text) !== 'string')
    .registerOperator(`${IP} == ${IP}`, sameAddress)
    .registerOperator(
      `${CIDR} == ${CIDR}`,
      (a: Cidr, b: Cidr) => a.prefix === b.prefix && sameAddress(a.address, b.address),
    )
    .registerFunction(`string(${IP}): string`, addressText)
    .registerFunction(
      `string(${CIDR}): string`,
      (cidr: Cidr) => `${addressText(cidr.address)}/${cidr.prefix}`,
    )
    .registerFunction(
      'IPNamespace.isCanonical(string): bool',
      (_: unknown, text: string) => addressText(addressOf(text)) === text,
    )
    .registerFunction(`${IP}.family(): int`, (ip: Address) => BigInt(ip.family))
    .registerFunction(`${IP}.isUnspecified(): bool`, (ip: Address) => ip.bits === 0n)
    .registerFunction(`${IP}.isLoopback(): bool`, isLoopback)
    .registerFunction(`${IP}.isLinkLocalMulticast(): bool`, (ip: Address) =>
      within(ip, '224.0.0.0/24', 'ff02::/16', 'ff12::/16'),
    )
    .registerFunction(`${IP}.isLinkLocalUnicast(): bool`, isLinkLocalUnicast)
    .registerFunction(`${IP}.isGlobalUnicast(): bool`, isGlobalUnicast)
    .registerFunction(`${CIDR}.containsIP(string): bool`, (cidr: Cidr, text: string) =>
      containsIP(cidr, addressOf(text)),
    )
    .registerFunction(`${CIDR}.containsIP(${IP}): bool`, containsIP)
    .registerFunction(`${CIDR}.containsCIDR(string): bool`, (cidr: Cidr, text: string) =>
      containsCIDR(cidr, cidrOf(text)),
    )
    .registerFunction(`${CIDR}.containsCIDR(${CIDR}): bool`, containsCIDR)
    .registerFunction(`${CIDR}.ip(): ${IP}`, (cidr: Cidr) => cidr.address)
    .registerFunction(`${CIDR}.prefixLength(): int`, (cidr: Cidr) => BigInt(cidr.prefix))
    .registerFunction(
      `${CIDR}.masked(): ${CIDR}`,
      (cidr: Cidr) => new Cidr(masked(cidr.address, cidr.prefix), cidr.prefix),
    );
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  return typeof address === 'string' ? fail(address) : address;
}

function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  return typeof cidr === 'string'
    ? fail(`network address parse error during conversion from string: ${cidr}`)
    : cidr;
}

/** The address a text is, or why it is none. */
function parseAddress(text: string): Address | string {
  const refused = (why: string): string =>
    `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): ${why}`;
  if (!text.includes(':')) return parseIPv4(text) ?? refused('unable to parse IP');
  if (text.includes('%')) return `IP address ${JSON.stringify(text)} with zone value is not allowed`;
  const bits = parseIPv6(text);
  if (bits === undefined) return refused('unable to parse IP');
  if (bits >> 32n === 0xffffn) return `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`;
  return new Address(6, bits);
}

function parseIPv4(text: string): Address | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return new Address(
    4,
    parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n),
  );
}

function parseIPv6(text: string): bigint | undefined {
  const dotted = /^(.*:)([\d.]+\.[\d.]+)$/.exec(text);
  if (dotted !== null) {
    const low = parseIPv4(dotted[2] ?? '');
    if (low === undefined) return undefined;
    return parseIPv6(
      `${dotted[1] ?? ''}${(low.bits >> 16n).toString(16)}:${(low.bits & 0xffffn).toString(16)}`,
    );
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - (right?.length ?? 0);
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...new Array<string>(missing).fill('0'), ...(right ?? [])];
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function parseCidr(text: string): Cidr | string {
  const slash = text.lastIndexOf('/');
  const refused = (why: string): string =>
    `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): ${why}`;
  if (slash < 0) return refused("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (typeof address === 'string')
    return address.startsWith('IPv4-mapped')
      ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`
      : refused('unable to parse IP');
  const prefix = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d*)$/.test(prefix)) return refused(`bad bits after slash: ${JSON.stringify(prefix)}`);
  return Number(prefix) > width(address)
    ? refused('prefix length out of range')
    : new Cidr(address, Number(prefix));
}

const width = (ip: Address): number => (ip.family === 4 ? 32 : 128);

const sameAddress = (a: Address, b: Address): boolean => a.family === b.family && a.bits === b.bits;

function masked(ip: Address, prefix: number): Address {
  const rest = BigInt(width(ip) - prefix);
  return new Address(ip.family, (ip.bits >> rest) << rest);
}

const containsIP = (cidr: Cidr, ip: Address): boolean =>
  cidr.address.family === ip.family &&
  masked(ip, cidr.prefix).bits === masked(cidr.address, cidr.prefix).bits;

const containsCIDR = (outer: Cidr, inner: Cidr): boolean =>
  outer.prefix <= inner.prefix && containsIP(outer, inner.address);

const within = (ip: Address, ...networks: readonly string[]): boolean =>
  networks.some((network) => containsIP(cidrOf(network), ip));

const isLoopback = (ip: Address): boolean => within(ip, '127.0.0.0/8', '::1/128');
const isLinkLocalUnicast = (ip: Address): boolean => within(ip, '169.254.0.0/16', 'fe80::/10');
const isMulticast = (ip: Address): boolean => within(ip, '224.0.0.0/4', 'ff00::/8');

const isGlobalUnicast = (ip: Address): boolean =>
  ip.bits !== 0n &&
  !within(ip, '255.255.255.255/32') &&
  !isLoopback(ip) &&
  !isMulticast(ip) &&
  !isLinkLocalUnicast(ip);

/** The canonical form: for IPv6 the longest run of zero groups is left out. */
function addressText({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
