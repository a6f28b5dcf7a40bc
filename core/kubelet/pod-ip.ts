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

/** The place in a range of one that counts on each time around. */
export const placeOf = (cidr: Cidr, turn: number): number =>
  firstPlace + ((turn - firstPlace) % countOf(cidr));

const countOf = (cidr: Cidr): number => cidr.size - 1 - firstPlace;

/**
 * The next place after `last` that is not taken, counted on from it; undefined: all are. Nobody has one that was never given,
 * so it is only asked once the turn has gone round.
 */
export function nextAddress(
  cidr: Cidr,
  last: number,
  isTaken: (place: number) => boolean,
): number | undefined {
  const count = countOf(cidr);
  const first = Math.max(last, firstPlace - 1) + 1;
  for (let next = first; next < first + count; next++)
    if (next < firstPlace + count || !isTaken(placeOf(cidr, next))) return next;
  return undefined;
}

export function addressText({ base }: Cidr, place: number): string {
  const address = base + place;
  const low = address % 65_536;
  const high = (address - low) / 65_536;
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
