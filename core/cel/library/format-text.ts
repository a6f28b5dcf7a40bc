/** `'%d of %s'.format([1, 'a'])`. (cel-go common/types, ext/formatting.go) */
import { fail } from './failure.ts';

/** The text with each clause replaced by its argument. */
export function formatText(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(
    /%(?:%|(?:\.(\d+))?([a-zA-Z]))/g,
    (_, precision: string | undefined, verb: string | undefined) => {
      if (verb === undefined) return '%';
      if (next >= args.length) return fail(`index ${next} out of range`);
      return clause(verb, precision === undefined ? undefined : Number(precision), args[next++]);
    },
  );
  if (next < args.length) return fail(`unused arguments to format: ${args.length - next}`);
  return text;
}

function clause(verb: string, precision: number | undefined, value: unknown): string {
  switch (verb) {
    case 's':
      return textOf(value);
    case 'd':
      return typeof value === 'bigint' || isUnsigned(value)
        ? String(value)
        : fail('error during formatting: decimal clause can only be used on integers');
    case 'f':
      return numberOf(value, 'fixed-point').toFixed(precision ?? 6);
    case 'e':
      return numberOf(value, 'scientific')
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : integerOf(value, 'binary').toString(2);
    case 'o':
      return integerOf(value, 'octal').toString(8);
    case 'x':
    case 'X': {
      const digits =
        typeof value === 'string'
          ? hexOf(new TextEncoder().encode(value))
          : integerOf(value, 'hex').toString(16);
      return verb === 'X' ? digits.toUpperCase() : digits;
    }
    default:
      return fail(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const isUnsigned = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof value.valueOf() === 'bigint';

const numberOf = (value: unknown, clauseName: string): number =>
  typeof value === 'number' || typeof value === 'bigint'
    ? Number(value)
    : fail(`error during formatting: ${clauseName} clause can only be used on doubles`);

const integerOf = (value: unknown, clauseName: string): bigint =>
  typeof value === 'bigint'
    ? value
    : fail(`error during formatting: only integers can be formatted as ${clauseName}`);

/** What `%s` makes of a value: lists and maps as CEL writes them, maps by their keys in order. */
function textOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return `{${Object.entries(value)
      .map(([key, part]) => `${key}: ${textOf(part)}`)
      .sort()
      .join(', ')}}`;
  return String(value);
}
