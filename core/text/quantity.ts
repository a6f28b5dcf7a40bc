/**
 * Quantities: `500m`, `1.5Gi`, `12e6`. A quantity stays the text it was given; arithmetic is exact and its answer is in
 * canonical form. Go's two representations (a scaled int64, and a big decimal for what does not fit) are one here: a
 * BigInt and a power of ten. (kubernetes v1.34.1 apimachinery/pkg/api/resource/quantity.go)
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** `digits * 10^scale`. */
export interface QuantityValue {
  readonly digits: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  /** Go holds it as a scaled int64; otherwise as a big decimal, which rounds negative fractions another way. */
  readonly small: boolean;
  /** What it prints as until arithmetic is done with it; undefined: the canonical form. */
  readonly text: string | undefined;
}

/** Why a text is no quantity, in the words of the apiserver. */
export interface QuantityError {
  readonly error: string;
}

const formatWrong: QuantityError = {
  error: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
};
const suffixWrong: QuantityError = { error: "unable to parse quantity's suffix" };
const numberWrong: QuantityError = { error: 'unable to parse numeric part of quantity' };

const decimalSuffixes: readonly (readonly [suffix: string, exponent: number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const exponentOf = new Map(decimalSuffixes);
const suffixOf = new Map(decimalSuffixes.map(([suffix, exponent]) => [exponent, suffix]));

/** The smallest fraction that is kept. */
const nano = -9;
/** A binary quantity is capped here on parsing. */
const maxInt64 = (1n << 63n) - 1n;

const powers: bigint[] = [1n];
/** 10^n for n >= 0. */
export function powerOfTen(n: number): bigint {
  for (let i = powers.length; i <= n; i++) powers.push((powers[i - 1] ?? 1n) * 10n);
  return powers[n] ?? 1n;
}

/** The largest exponent of ten that is worked with: a text like `1e2000000000` must not fill the memory. */
const largestExponent = 10_000;

/** Reads a quantity. `parseQuantity('1.5Gi')`, `parseQuantity('100m')`. */
export function parseQuantity(text: string): QuantityValue | QuantityError {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (match === null || text === '' || text.endsWith('\n')) return formatWrong;
  const sign = match[1] === '-' ? -1n : 1n;
  const whole = (match[2] ?? '').replace(/^0+/, '') || '0';
  const fraction = match[3] ?? '';
  const suffix = match[4] ?? '';
  // Go finds no digit in `.m`, `+` and the like and takes them for 0, except where the big decimal must read them.
  const found = interpretSuffix(suffix);
  if (found === undefined) return suffixWrong;
  const digits = BigInt(whole + fraction);
  if (found.base === 2) return binary(text, sign, digits, whole, fraction, found.exponent);
  const scale = found.exponent - fraction.length;
  if (scale > largestExponent) return suffixWrong;
  const fits = whole.length + fraction.length <= 18 && scale >= nano;
  if (fits) {
    const shifted = whole + fraction;
    const canonical = scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
    return {
      digits: sign * digits,
      scale,
      format: found.format,
      small: true,
      text: canonical || text === '0' ? text : undefined,
    };
  }
  if (!hasDigit(match)) return numberWrong;
  return { ...rounded(sign * digits, scale, nano), format: found.format, small: false, text: undefined };
}

const hasDigit = (match: RegExpExecArray): boolean => match[2] !== '' || (match[3] ?? '') !== '';

type Suffix =
  | { readonly base: 10; readonly exponent: number; readonly format: 'DecimalSI' | 'DecimalExponent' }
  | { readonly base: 2; readonly exponent: number };

function interpretSuffix(suffix: string): Suffix | undefined {
  const decimal = exponentOf.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binaryIndex = binarySuffixes.indexOf(suffix);
  if (binaryIndex > 0) return { base: 2, exponent: binaryIndex * 10 };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1)) + 0; // no -0
  if (exponent > 2_147_483_647 || exponent < -2_147_483_648) return undefined;
  return { base: 10, exponent, format: 'DecimalExponent' };
}

function binary(
  text: string,
  sign: bigint,
  digits: bigint,
  whole: string,
  fraction: string,
  exponent: number,
): QuantityValue {
  const factor = 1n << BigInt(exponent);
  const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1;
  if (fraction === '' && precision >= 0) {
    const canonical = (digits & 7n) !== 0n; // no power of 1024 can be taken out of it
    return {
      digits: sign * digits * factor,
      scale: 0,
      format: 'BinarySI',
      small: true,
      text: canonical ? text : undefined,
    };
  }
  let value = rounded(digits * factor, -fraction.length, nano);
  if (compareScaled(value, { digits: maxInt64, scale: 0 }) > 0) value = { digits: maxInt64, scale: 0 };
  const belowOne = value.digits > 0n && compareScaled(value, { digits: 1n, scale: 0 }) < 0;
  return {
    digits: sign * value.digits,
    scale: value.scale,
    format: belowOne ? 'DecimalSI' : 'BinarySI',
    small: false,
    text: undefined,
  };
}

interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

/** Rounds away from zero to at least `scale`. */
function rounded(digits: bigint, from: number, scale: number): Scaled {
  if (from >= scale) return { digits, scale: from };
  if (digits === 0n) return { digits, scale };
  const drop = scale - from;
  // Everything is dropped when there are more places than digits; the power itself could be huge.
  const divisor = drop > 20_000 ? undefined : powerOfTen(drop);
  const quotient = divisor === undefined ? 0n : digits / divisor;
  const exact = divisor !== undefined && quotient * divisor === digits;
  return { digits: exact ? quotient : digits > 0n ? quotient + 1n : quotient - 1n, scale };
}

/** `digits` at a scale that is no larger than its own. */
const at = (value: Scaled, scale: number): bigint => value.digits * powerOfTen(value.scale - scale);

function compareScaled(a: Scaled, b: Scaled): number {
  const scale = Math.min(a.scale, b.scale);
  const x = at(a, scale);
  const y = at(b, scale);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The canonical text: no fraction, the largest suffix that loses nothing, the format it was given in. */
function formatQuantity(value: QuantityValue): string {
  if (value.digits === 0n) return '0';
  if (value.format === 'BinarySI') {
    const small = compareScaled(value, { digits: 1024n, scale: 0 }) < 0;
    const large = compareScaled(value, { digits: -1024n, scale: 0 }) > 0;
    const whole = rounded(value.digits, value.scale, 0);
    if (!(small && large) && compareScaled(whole, value) === 0) return formatBinary(at(whole, 0));
    return formatDecimal(value, 'DecimalSI');
  }
  return formatDecimal(value, value.format);
}

function formatBinary(digits: bigint): string {
  if (digits === -maxInt64 - 1n) return `${digits}`; // Go cannot negate it, and takes no factor out
  let [rest, power] = [digits, 0];
  while (rest % 1024n === 0n) [rest, power] = [rest / 1024n, power + 1];
  return `${rest}${binarySuffixes[power] ?? ''}`;
}

function formatDecimal(value: Scaled, format: 'DecimalSI' | 'DecimalExponent'): string {
  let { digits, scale } = value;
  while (digits % 10n === 0n) [digits, scale] = [digits / 10n, scale + 1];
  while (scale % 3 !== 0) [digits, scale] = [digits * 10n, scale - 1];
  // Past 10^18 DecimalSI has no suffix and v1.34 prints none: `100000E` is printed as `100`.
  if (format === 'DecimalSI') return `${digits}${suffixOf.get(scale) ?? ''}`;
  return scale === 0 ? `${digits}` : `${digits}e${scale}`;
}

interface Known {
  readonly value: QuantityValue;
  readonly milli: number;
  readonly whole: number;
}

/** What was parsed before, by text. A cluster has few different quantities; the bound is for one that has not. */
const known = new Map<string, Known | QuantityError>();
const knownBound = 20_000;

function look(text: string): Known | QuantityError {
  const found = known.get(text);
  if (found !== undefined) return found;
  const value = parseQuantity(text);
  const entry =
    'error' in value
      ? value
      : {
          value,
          milli: Number(inUnitsOf(value, -3)),
          whole: Number(inUnitsOf(value, 0)),
        };
  if (known.size >= knownBound) known.clear();
  known.set(text, entry);
  return entry;
}

/** The value in units of 10^scale, rounded up. Go's big decimal is cut and then raised by one, whatever its sign. */
function inUnitsOf(value: QuantityValue, scale: number): bigint {
  const up = rounded(value.digits, value.scale, scale);
  const raised = !value.small && value.digits < 0n && compareScaled(up, value) !== 0;
  return at(up, scale) + (raised ? 2n : 0n);
}

const zero: Known = {
  value: { digits: 0n, scale: 0, format: 'DecimalSI', small: true, text: '0' },
  milli: 0,
  whole: 0,
};

/** A text that is no quantity counts as 0: validation refuses it before anybody reckons with it. */
function read(text: string): Known {
  const found = look(text);
  return 'error' in found ? zero : found;
}

/** Whether a text is a quantity. */
export const isQuantity = (text: string): boolean => !('error' in look(text));

/** Why a text is no quantity; undefined when it is one. */
export function quantityError(text: string): string | undefined {
  const found = look(text);
  return 'error' in found ? found.error : undefined;
}

/** The value in thousandths, rounded away from zero: cpu in milli. Exact below 2^53. */
export const milliValue = (text: string): number => read(text).milli;

/** The value in units, rounded away from zero: bytes. Exact below 2^53. */
export const wholeValue = (text: string): number => read(text).whole;

/** -1, 0 or 1. */
export const compareQuantities = (a: string, b: string): number =>
  compareScaled(read(a).value, read(b).value);

/** The sum, in the format of `a` (of `b` where `a` is zero). */
export const addQuantities = (a: string, b: string): string => sum(read(a).value, read(b).value, 1n);

/** The difference, in the format of `a` (of `b` where `a` is zero). */
export const subtractQuantities = (a: string, b: string): string => sum(read(a).value, read(b).value, -1n);

function sum(a: QuantityValue, b: QuantityValue, sign: bigint): string {
  const scale = Math.min(a.scale, b.scale);
  const digits = at(a, scale) + sign * at(b, scale);
  return formatQuantity({
    digits,
    scale,
    format: a.digits === 0n ? b.format : a.format,
    small: false,
    text: undefined,
  });
}

/** The quantity times a whole number. */
export function multiplyQuantity(text: string, factor: bigint): string {
  const { value } = read(text);
  return formatQuantity({ ...value, digits: value.digits * factor });
}

/** The quantity rounded away from zero to a multiple of 10^scale. */
export function roundUpQuantity(text: string, scale: number): string {
  const { value } = read(text);
  return formatQuantity({ ...value, ...rounded(value.digits, value.scale, scale) });
}

/** The text as the apiserver writes it back: as it was given where that is canonical enough, `1500m` for `1.5`. */
export function quantityText(text: string): string {
  const { value } = read(text);
  return value.text ?? formatQuantity(value);
}

/** The canonical text: `1e3` for `1E3`, `1Gi` for `1024Mi`, `1500m` for `1.5`. */
export const canonicalQuantity = (text: string): string => formatQuantity(read(text).value);

/** The quantity of so many units or thousandths. */
export const newQuantity = (units: bigint, format: QuantityFormat): string =>
  formatQuantity({ digits: units, scale: 0, format, small: true, text: undefined });
export const newMilliQuantity = (milli: bigint, format: QuantityFormat): string =>
  formatQuantity({ digits: milli, scale: -3, format, small: true, text: undefined });
