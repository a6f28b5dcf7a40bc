/**
 * The one-line dump of a Go value that Kubernetes hashes: go-spew's `%#v` without methods and pointer addresses, maps in
 * the order of their keys. (kubernetes v1.34.1 staging/src/k8s.io/apimachinery/pkg/util/dump, pkg/util/hash)
 */
import { byText } from '../patch/go-text.ts';
import { parseQuantity, powerOfTen, type QuantityValue } from '../../text/quantity.ts';
import type { GoType, Structs } from './struct.ts';

export interface Dump {
  readonly structs: Structs;
  /** The package of the structs: `v1`. */
  readonly package: string;
  /** A list or map without entries is nil, as it is once it has been stored. */
  readonly emptyIsNil: boolean;
  /** How a quantity is held. The parsed text, if not said otherwise. */
  readonly quantity?: (text: string, place: string) => QuantityValue | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** The dump of a struct, its type first. */
export const dumpOf = (dump: Dump, struct: string, value: unknown): string =>
  typed(dump, { is: 'named', name: struct }, value, '');

const builtin: ReadonlySet<string> = new Set(['string', 'bool', 'int32', 'int64']);

/** `[]v1.Container`. */
function typeName(dump: Dump, type: GoType): string {
  const { name } = type;
  const plain = /[A-Za-z0-9.]+$/.exec(name)?.[0] ?? name;
  if (builtin.has(plain) || plain.includes('.')) return name;
  return `${name.slice(0, name.length - plain.length)}${dump.package}.${plain}`;
}

const typed = (dump: Dump, type: GoType, value: unknown, place: string): string =>
  `(${typeName(dump, type)})${plain(dump, type, value, place)}`;

/** A value where its type is known: an item of a list, the entry of a map, what a pointer leads to. */
function plain(dump: Dump, type: GoType, value: unknown, place: string): string {
  switch (type.is) {
    case 'pointer':
      return value === undefined || value === null ? '<nil>' : plain(dump, type.of, value, place);
    case 'list': {
      const items = (value ?? undefined) as readonly unknown[] | undefined;
      if (items === undefined || (items.length === 0 && dump.emptyIsNil)) return '<nil>';
      return `[${items.map((item, i) => plain(dump, type.of, item, `${place}[${i}]`)).join(' ')}]`;
    }
    case 'map': {
      const map = (value ?? undefined) as Fields | undefined;
      const keys = Object.keys(map ?? {}).sort(byText);
      if (map === undefined || (keys.length === 0 && dump.emptyIsNil)) return '<nil>';
      return `map[${keys.map((key) => `${key}:${plain(dump, type.of, map[key], `${place}.${key}`)}`).join(' ')}]`;
    }
    case 'named':
      return named(dump, type.name, value, place);
  }
}

const zeroTime = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

function named(dump: Dump, name: string, value: unknown, place: string): string {
  switch (name) {
    case 'bool':
      return value === true ? 'true' : 'false';
    case 'int32':
    case 'int64':
      return `${Number(value ?? 0)}`;
    case 'Time':
      return zeroTime; // no template has a time of its own
    case 'intstr.IntOrString':
      return typeof value === 'string'
        ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
        : `{Type:(intstr.Type)0 IntVal:(int32)${Number(value ?? 0)} StrVal:(string)}`;
    case 'resource.Quantity':
      return quantity(dump, value, place);
  }
  const fields = dump.structs.get(name);
  if (fields === undefined) return typeof value === 'string' ? value : '';
  const object = (value ?? {}) as Fields;
  const texts = fields.map(({ name: field, json, type }) => {
    const inner = json === undefined ? object : object[json];
    return `${field}:${typed(dump, type, inner, json === undefined ? place : `${place}.${json}`)}`;
  });
  return `{${texts.join(' ')}}`;
}

function quantity(dump: Dump, value: unknown, place: string): string {
  if (value === undefined || value === null) return quantityText('0', '0', '<nil>', '', '');
  const text = String(value as string | number);
  const parsed = dump.quantity?.(text, place) ?? parsedQuantity(text);
  if (parsed === undefined) return quantityText('0', '0', '<nil>', '', '');
  if (parsed.small)
    return quantityText(`${parsed.digits}`, `${parsed.scale}`, '<nil>', parsed.text ?? '', parsed.format);
  const neg = parsed.digits < 0n;
  const decimal = `{unscaled:(big.Int){neg:(bool)${neg} abs:(big.nat)${words(neg ? -parsed.digits : parsed.digits)}} scale:(inf.Scale)${-parsed.scale}}`;
  return quantityText('0', '0', decimal, '', parsed.format);
}

/** What does not fit an int64 is a decimal number with nine places. */
function parsedQuantity(text: string): QuantityValue | undefined {
  const parsed = parseQuantity(text);
  if ('error' in parsed) return undefined;
  if (parsed.small || parsed.scale <= nano) return parsed;
  return { ...parsed, digits: parsed.digits * powerOfTen(parsed.scale - nano), scale: nano };
}

const nano = -9;

const quantityText = (value: string, scale: string, decimal: string, text: string, format: string): string =>
  `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)${decimal}} s:(string)${text} Format:(resource.Format)${format}}`;

/** The 64-bit words of a big number, the lowest first. */
function words(digits: bigint): string {
  if (digits === 0n) return '<nil>';
  const parts: string[] = [];
  for (let rest = digits; rest > 0n; rest >>= 64n) parts.push(`${rest & 0xffff_ffff_ffff_ffffn}`);
  return `[${parts.join(' ')}]`;
}
