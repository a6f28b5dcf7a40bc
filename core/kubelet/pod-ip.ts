/**
 * Addresses for Pods from the node's CIDR, in turn, as the host-local plugin gives them: the next free one after the
 * last. The first address names the network, the second is the bridge's, the last is for broadcast.
 */

export interface Cidr {
  /** The address of the network as a number. */
  readonly base: number;
  /** How many addresses there are, all told. */
  readonly size: number;
}

/** `10.244.3.0/24` as numbers. Anything else is refused: the wiring gives it, not a person. */
export function cidrOf(text: string): Cidr {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = (match ?? []).slice(1).map(Number);
  if (match === null || prefix < 8 || prefix > 30) throw new Error(`no IPv4 range for Pods: ${text}`);
  let size = 1;
  for (let i = prefix; i < 32; i++) size *= 2;
  return { base: ((a * 256 + b) * 256 + c) * 256 + d, size };
}

const firstPlace = 2;

/** The next place after `last` that is not taken; undefined: all are. */
export function nextAddress(
  cidr: Cidr,
  last: number,
  isTaken: (place: number) => boolean,
): number | undefined {
  const count = cidr.size - 1 - firstPlace;
  for (let i = 0; i < count; i++) {
    const place = firstPlace + ((Math.max(last, firstPlace - 1) - firstPlace + 1 + i) % count);
    if (!isTaken(place)) return place;
  }
  return undefined;
}

export function addressText(cidr: Cidr, place: number): string {
  const address = cidr.base + place;
  const byte = (shift: number): number => Math.floor(address / shift) % 256;
  return `${byte(16_777_216)}.${byte(65_536)}.${byte(256)}.${byte(1)}`;
}
