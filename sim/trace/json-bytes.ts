/**
 * JSON put together as bytes, in one array that is used again and again. At nine million lines a run, text that is made
 * of strings is read and copied four times before it is hashed, and each piece of it is an object; here a string is
 * read once, looked over for what JSON escapes as it is copied, and nothing is made.
 */

const encoder = new TextEncoder();

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const zero = 0x30;

export class JsonBytes {
  private bytes: Uint8Array<ArrayBuffer>;
  private end = 0;

  /** `capacity`: for how many bytes there is room at first. */
  constructor(capacity = 1_024) {
    this.bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.end;
  }

  /** What has been written. It is a view: to be used before anything else is written. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.end);
  }

  clear(): void {
    this.end = 0;
  }

  /** Takes back all that was written since there were `length` bytes. */
  cutTo(length: number): void {
    this.end = length;
  }

  /** Any text, as it is. */
  text(text: string): void {
    this.reserve(3 * text.length);
    this.end += encoder.encodeInto(text, this.bytes.subarray(this.end)).written;
  }

  /** A text of ASCII characters alone, as it is: the words of the format itself. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.end;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.end = at;
  }

  /** A text as JSON quotes it. */
  quoted(text: string): void {
    this.byte(quote);
    this.escaped(text);
    this.byte(quote);
  }

  /** A text as it stands between the quotes of JSON. */
  escaped(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.end;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      // What JSON escapes, and what takes more than one byte: hardly any text has it.
      if (unit < 0x20 || unit === quote || unit === 0x5c || unit >= 0x80)
        return this.text(JSON.stringify(text).slice(1, -1));
      bytes[at++] = unit;
    }
    this.end = at;
  }

  /** A whole number that is not negative and exact. */
  natural(value: number): void {
    this.reserve(16);
    if (value > 0x7fff_ffff) return this.ascii(`${value}`);
    const { bytes } = this;
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    let left = value | 0;
    for (let at = this.end + digits - 1; at >= this.end; at--) {
      const tenth = (left / 10) | 0;
      bytes[at] = zero + left - 10 * tenth;
      left = tenth;
    }
    this.end += digits;
  }

  /** The JSON of a value that consists of nothing but what JSON has, in the order and with the bytes of `JSON.stringify`. */
  json(value: unknown): void {
    if (typeof value === 'string') return this.quoted(value);
    if (typeof value === 'number')
      return Number.isSafeInteger(value) && value >= 0
        ? this.natural(value)
        : this.ascii(JSON.stringify(value));
    if (typeof value === 'boolean') return this.ascii(value ? 'true' : 'false');
    if (typeof value !== 'object' || value === null) return this.ascii('null');
    return Array.isArray(value) ? this.list(value) : this.object(value);
  }

  /** The fields of an object but for `except`, each but the first with a comma before it; whether there was any. */
  fields(fields: object, except?: string): boolean {
    let any = false;
    for (const field in fields) {
      const value = fields[field as keyof typeof fields] as unknown;
      if (value === undefined || field === except) continue;
      if (any) this.byte(comma);
      any = true;
      this.name(field);
      this.json(value);
    }
    return any;
  }

  /** `"field":` */
  name(field: string): void {
    this.quoted(field);
    this.byte(colon);
  }

  byte(code: number): void {
    if (this.end === this.bytes.length) this.reserve(1);
    this.bytes[this.end++] = code;
  }

  /** Bytes that were made before. */
  copy(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  private object(fields: object): void {
    this.byte(0x7b);
    this.fields(fields);
    this.byte(0x7d);
  }

  private list(values: readonly unknown[]): void {
    this.byte(0x5b);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.byte(comma);
      this.json(values[i]);
    }
    this.byte(0x5d);
  }

  private reserve(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.end + more));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
