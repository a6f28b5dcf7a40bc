/**
 * Whether an answer says what another server said, though its uids, revisions, times and made-up names are others. What
 * stands for what is learned from the answers themselves, and then has to hold.
 */
export class Likeness {
  private readonly texts = new Map<string, string>();
  private readonly revisions = new Map<number, number>();

  /** The first difference; undefined where there is none. */
  difference(want: unknown, got: unknown, place = '', field = ''): string | undefined {
    if (typeof want === 'string' && typeof got === 'string') return this.inTexts(want, got, place, field);
    if (Array.isArray(want) && Array.isArray(got)) {
      for (let i = 0; i < Math.max(want.length, got.length); i++) {
        const found = this.difference(want[i], got[i], `${place}[${i}]`, field);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    if (isRecord(want) && isRecord(got)) {
      for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
        const found = this.difference(want[key], got[key], place === '' ? key : `${place}.${key}`, key);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    // A null is as good as nothing.
    if ((want ?? undefined) === (got ?? undefined)) return undefined;
    return complaint(place, want, got);
  }

  /** This server's word for a text of the recording, in a request. */
  own(value: unknown, field = ''): unknown {
    if (typeof value === 'string') {
      if (field === 'resourceVersion') return this.ownRevision(value);
      return this.ownText(value);
    }
    if (Array.isArray(value)) return value.map((item) => this.own(item, field));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.own(part, key)]));
  }

  ownText(text: string): string {
    let own = text;
    for (const [theirs, ours] of this.texts) own = own.replaceAll(theirs, ours);
    return own;
  }

  ownRevision(text: string): string {
    return `${this.revisions.get(Number(text)) ?? text}`;
  }

  knowsRevision(text: string): boolean {
    return this.revisions.has(Number(text));
  }

  /** From now on, this revision of the recording is that one of ours. */
  bind(theirs: string, ours: string): void {
    this.revisions.set(Number(theirs), Number(ours));
  }

  private inTexts(want: string, got: string, place: string, field: string): string | undefined {
    const isRevision = field === 'resourceVersion' || field === 'rv';
    if (want === got && !isRevision) return undefined;
    if (isRevision) return this.inRevisions(want, got, place);
    if (field === 'continue') return this.difference(tokenOf(want), tokenOf(got), place);
    if (field === 'message')
      return masked(this.ownText(want)) === masked(got) ? undefined : complaint(place, want, got);
    if (time.test(want) && time.test(got)) return undefined;
    if (isMadeUp(want) && isMadeUp(got) && !this.texts.has(want)) {
      this.texts.set(want, got);
      return undefined;
    }
    return this.ownText(want) === got ? undefined : complaint(place, want, got);
  }

  /** The same revision is always the same, and a later one is not earlier. */
  private inRevisions(want: string, got: string, place: string): string | undefined {
    const known = this.revisions.get(Number(want));
    if (known !== undefined) return known === Number(got) ? undefined : complaint(place, known, got);
    for (const [theirs, ours] of this.revisions)
      if (theirs < Number(want) ? ours > Number(got) : ours < Number(got))
        return complaint(place, `${want}, as ${theirs} was ${ours}`, got);
    this.bind(want, got);
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const madeUp = [
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^10\.\d+\.\d+\.\d+$/,
  /^(gen|kube-api-access)-[a-z0-9]{5}$/,
];
const isMadeUp = (text: string): boolean => madeUp.some((form) => form.test(text));

/** What is in a continue token. */
function tokenOf(token: string): unknown {
  const { v, rv, start } = JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/'))) as {
    readonly v: string;
    readonly rv: number;
    readonly start: string;
  };
  return { v, resourceVersion: `${rv}`, start };
}

/** A message up to the diff of Go values that ends it (and the bracket behind that), without the revisions in it. */
const masked = (message: string): string =>
  (message.split('\n@@', 1)[0] ?? '').replace(/\]$/, '').replace(/(current: |record \()\d+/g, '$1#');

const complaint = (place: string, want: unknown, got: unknown): string =>
  `${place === '' ? '' : `${place}: `}want ${JSON.stringify(want) ?? 'nothing'}, got ${JSON.stringify(got) ?? 'nothing'}`;
