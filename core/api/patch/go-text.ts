/** Values as Go prints them in the messages of patches. */
import { isFields, type Tree } from './tree.ts';

/** `%v`: `map[a:1 b:[x y]]`, the keys in order. */
export function goText(value: Tree | undefined): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isFields(value)) return typeof value === 'number' ? goNumber(value) : String(value);
  const fields = Object.keys(value).sort(byText);
  return `map[${fields.map((field) => `${field}:${goText(value[field])}`).join(' ')}]`;
}

/** A whole number is an int64; any other a float64, printed with the fewest digits. */
export function goNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const [mantissa = '', exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 21) return String(value);
  const digits = `${Math.abs(power)}`.padStart(2, '0');
  return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`;
}

/** The dynamic type of a decoded value: `map[string]interface {}`, `int64`. */
export function goTypeName(value: Tree | undefined): string {
  if (value === undefined || value === null) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      return 'map[string]interface {}';
  }
}

/** Text in the order of its bytes, as Go sorts it. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    // A surrogate stands for a code point past every other, though its own number is less than 0xE000 to 0xFFFF.
    const leftHigh = left >= 0xd800 && left < 0xe000;
    const rightHigh = right >= 0xd800 && right < 0xe000;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}
