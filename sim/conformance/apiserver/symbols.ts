/**
 * The words in which a recording names what differs from run to run: `@3` for the revision of the third write, `uid#2`
 * for the second uid that was seen, `c1` for the first continue token that was received.
 */
import type { Json } from '../../../core/api/generated/types.ts';

/** How far away the revision is that a recording calls `@future`. */
const future = 1_000_000;

export class Symbols {
  /** The revision before the first write, and of each write since. */
  private readonly writes: number[];
  /** Later revisions have not been looked at. */
  private seen: number;
  private readonly uids = new Map<string, string>();
  private readonly tokens = new Map<string, string>();

  constructor(base: number) {
    this.writes = [base];
    this.seen = base;
  }

  /** The writes of the sequence have come to this revision. */
  written(revision: number): void {
    while (this.seen < revision) this.writes.push(++this.seen);
  }

  /** Others have written up to this revision. */
  passed(revision: number): void {
    this.seen = revision;
  }

  /** The revision a recording's word stands for, as text; other texts are as they are. */
  revisionText(word: string, now: number): string {
    if (word === '@future') return `${now + future}`;
    return /^@\d+$/.test(word) ? `${this.writes[Number(word.slice(1))] ?? now}` : word;
  }

  /** The newest write at or before a revision. */
  revisionWord(revision: number): string {
    const later = this.writes.findIndex((write) => write > revision);
    if (later === 0) return 'older';
    return `@${(later < 0 ? this.writes.length : later) - 1}`;
  }

  uidWord(uid: string): string {
    const known = this.uids.get(uid);
    if (known !== undefined) return known;
    const word = `uid#${this.uids.size + 1}`;
    this.uids.set(uid, word);
    return word;
  }

  uidText(word: string): string {
    for (const [uid, known] of this.uids) if (known === word) return uid;
    return word;
  }

  /** The token named `c1`; a text that is no name of one is as it is. */
  tokenText(word: string): string {
    return this.tokens.get(word) ?? word;
  }

  /** A token that was received: its name, and what is in it. */
  tokenWord(token: string): Json {
    const id = `c${this.tokens.size + 1}`;
    this.tokens.set(id, token);
    const { v, rv, start } = JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/'))) as {
      readonly v: string;
      readonly rv: number;
      readonly start: string;
    };
    return { id, v, rv: rv < 0 ? rv : this.revisionWord(rv), start };
  }

  /** A message with its revisions and uids in the recording's words. */
  inMessage(message: string, now: number): string {
    let text = message.replace(
      /(version: |current: |\()(\d+)(?=[,) ]|$)/g,
      (_, before: string, digits: string) => before + this.numberWord(Number(digits), now),
    );
    for (const [uid, word] of this.uids) text = text.replaceAll(uid, word);
    return text;
  }

  /** A revision of the future was made up from the present one; 1 is nobody's revision, and was written as it is. */
  private numberWord(number: number, now: number): string {
    if (number <= 1) return `${number}`;
    return number >= now + future ? '#' : this.revisionWord(number);
  }
}
