/** JSON as sigs.k8s.io/yaml writes it: keys in natural order, lists not indented, text quoted where it would read as something else. */
import { goNumber } from './go-text.ts';
import { isFields, type Tree } from './tree.ts';

/** The document, ending in a new line. */
export function goYaml(value: Tree): string {
  if (isFields(value)) return Object.keys(value).length === 0 ? '{}\n' : fieldsAt(value, '');
  if (Array.isArray(value)) return value.length === 0 ? '[]\n' : itemsAt(value, '');
  return `${scalar(value, '')}\n`;
}

function fieldsAt(fields: Readonly<Record<string, Tree>>, indent: string): string {
  return Object.keys(fields)
    .sort(naturally)
    .map((key) => `${indent}${scalar(key, indent)}:${under(fields[key] ?? null, indent)}`)
    .join('');
}

/** What stands behind a key: on the same line, or below. */
function under(value: Tree, indent: string): string {
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${itemsAt(value, indent)}`;
  if (isFields(value))
    return Object.keys(value).length === 0 ? ' {}\n' : `\n${fieldsAt(value, `${indent}  `)}`;
  return ` ${scalar(value, `${indent}  `)}\n`;
}

const itemsAt = (list: readonly Tree[], indent: string): string =>
  list
    .map((item) => {
      if (Array.isArray(item) && item.length > 0)
        return `${indent}- ${itemsAt(item, `${indent}  `).slice(indent.length + 2)}`;
      if (isFields(item) && Object.keys(item).length > 0)
        return `${indent}- ${fieldsAt(item, `${indent}  `).slice(indent.length + 2)}`;
      return `${indent}-${under(item, indent)}`;
    })
    .join('');

function scalar(value: Tree, indent: string): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return goNumber(value);
  if (typeof value !== 'string') return String(value);
  if (value === '' || readsAsOther(value)) return quoted(value);
  if (value.includes('\n')) return block(value, indent);
  return isPlain(value) ? value : `'${value.replaceAll("'", "''")}'`;
}

/** Text that a YAML 1.1 reader takes for a number, a boolean, null or a date. */
const readsAsOther = (text: string): boolean =>
  /^(~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N|<<|=)$/.test(
    text,
  ) ||
  /^[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/.test(text) ||
  /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text) ||
  /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(text) ||
  /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(text) ||
  /^\d{4}-\d\d?-\d\d?([Tt ].*)?$/.test(text);

const quoted = (text: string): string => JSON.stringify(text);

/** Text that needs no quotes where a value or a key stands. */
const isPlain = (text: string): boolean =>
  !/^[\s?:\-,[\]{}#&*!|>'"%@`]/.test(text.replace(/^[-?:](?=\S)/, 'x')) &&
  !/\s$|: |:$| #/.test(text) &&
  !/^(---|\.\.\.)/.test(text) &&
  !/[\u0000-\u001f\u007f]/.test(text);

function block(text: string, indent: string): string {
  const chomp = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const lines = text.replace(/\n$/, '').split('\n');
  const hint = /^[ \n]/.test(text) ? '2' : '';
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
}

/** go-yaml's order of keys: letters after everything else, numbers inside of text by their value. (yaml.v2 sorter.go) */
function naturally(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  let digits = false;
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = left[i] ?? '';
    const y = right[i] ?? '';
    if (x === y) {
      digits = isDigit(x);
      continue;
    }
    const xLetter = isLetter(x);
    const yLetter = isLetter(y);
    if (xLetter && yLetter) return compare(x, y);
    if (xLetter || yLetter) return (digits ? xLetter : yLetter) ? -1 : 1;
    return compareNumbers(left, right, i);
  }
  return left.length - right.length;
}

function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  let [i, j] = [at, at];
  const begun = (left[at] === '0' || right[at] === '0') && followsDigit(left, at);
  let [a, b] = begun ? [1, 1] : [0, 0];
  while (isDigit(left[i] ?? '')) a = a * 10 + Number(left[i++]);
  while (isDigit(right[j] ?? '')) b = b * 10 + Number(right[j++]);
  if (a !== b) return a - b;
  return i === j ? compare(left[at] ?? '', right[at] ?? '') : i - j;
}

/** Whether a zero at this place stands inside a number that has begun with another digit. */
function followsDigit(text: readonly string[], at: number): boolean {
  for (let i = at - 1; i >= 0 && isDigit(text[i] ?? ''); i--) if (text[i] !== '0') return true;
  return false;
}

const compare = (a: string, b: string): number => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
const isDigit = (text: string): boolean => /^\p{Nd}$/u.test(text);
const isLetter = (text: string): boolean => /^\p{L}$/u.test(text);
