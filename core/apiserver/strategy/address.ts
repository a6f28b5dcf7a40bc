/** IPv4 addresses as numbers: what allocating from a range needs. */

export interface Cidr {
  /** The first address of the range, as a number. */
  readonly base: number;
  readonly size: number;
}

/** `10.96.0.0/12`. A text that is no such range is a defect of the configuration, and throws. */
export function parseCidr(text: string): Cidr {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = (match ?? []).slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || bits > 32) throw new Error(`not a range of IPv4 addresses: ${text}`);
  let size = 1;
  for (let bit = bits; bit < 32; bit++) size *= 2;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { base: address - (address % size), size };
}

export const textOfAddress = (address: number): string =>
  `${Math.floor(address / 0x100_0000)}.${Math.floor(address / 0x1_0000) % 256}.${Math.floor(address / 256) % 256}.${address % 256}`;

/** The first address of a range that a host may have. */
export const firstAddress = (cidr: string): string => textOfAddress(parseCidr(cidr).base + 1);
