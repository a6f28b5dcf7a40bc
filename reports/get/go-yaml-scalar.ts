/**
 * A string as go-yaml v2 writes it: plain where it can be, in double quotes where a plain one would be read as a number,
 * a boolean, a time or nothing, in single quotes where it would be read as syntax, as a block where it has lines.
 */
import { dateOfDay, dayOfDate } from '../../core/time/civil.ts';

/** Where a string is written. */
export interface Place {
  /** Of the lines after the first. */
  readonly indent: number;
  /** Where the first line begins. */
  readonly column: number;
  /** Before a colon: in one line, however long. */
  readonly key: boolean;
}

/** The string, quoted and folded as its place asks for. */
export function scalar(text: string, place: Place): string {
  const found = analysed(text);
  if (text.includes('\n')) return found.block ? literal(text, place.indent) : doubleQuoted(text, place);
  if (isTakenForAnother(text)) return doubleQuoted(text, place);
  if (found.plain) return folded(text, place);
  return found.single ? singleQuoted(text, place) : doubleQuoted(text, place);
}

interface Analysis {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

/** Every character go-yaml prints as it is: no tab, nothing beyond the basic plane, no breaks but line feeds. */
const printable = /^[\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;
const indicators = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t\n]|$))|:(?:[ \t\n]|$)|[ \t\n]#/;

/** In which ways a string can be written. */
function analysed(text: string): Analysis {
  const safe = printable.test(text) && !text.includes(' \n');
  const edged = /^[ \n]|[ \n]$/.test(text);
  return {
    plain: safe && !edged && !text.includes('\n') && !indicators.test(text),
    single: safe,
    block: safe && !text.endsWith(' '),
  };
}

const words = new Set(
  [
    ['', '~', 'null', 'Null', 'NULL'],
    ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'],
    ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'],
    ['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF'],
    ['+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
  ].flat(),
);
const decimal = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const otherBase = /^[-+]?0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)$/;
const base60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;

/** Whether a reader would take the plain text for something else than a string. */
function isTakenForAnother(text: string): boolean {
  if (words.has(text)) return true;
  if (!/^[-+.\d]/.test(text)) return false;
  const number = text.startsWith('.') ? text : text.replaceAll('_', '');
  if (decimal.test(number) && Number.isFinite(Number(number))) return true;
  return otherBase.test(number) || base60.test(text) || isTime(text);
}

const time =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?)?$/;

function isTime(text: string): boolean {
  const found = time.exec(text);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0, ...clock] = found.slice(1).map((part) => Number(part || 0));
  const date = dateOfDay(dayOfDate(year, month, day));
  const [hour = 0, minute = 0, second = 0] = [0, 1, 2].map((i) => (clock[i] ?? 0) + (clock[i + 3] ?? 0));
  return date.month === month && date.day === day && hour < 24 && minute < 60 && second < 60;
}

/** A line that has grown longer than this ends at its next space. */
const bestWidth = 80;

/** The text with a line break in place of single spaces behind the best width. */
function folded(text: string, { indent, column, key }: Place): string {
  if (key || column + text.length <= bestWidth) return text;
  const characters = [...text];
  let [line, written] = [column, ''];
  for (const [i, character] of characters.entries()) {
    const alone = character === ' ' && characters[i - 1] !== ' ' && characters[i + 1] !== ' ';
    if (alone && line > bestWidth && i > 0 && i < characters.length - 1) {
      written += `\n${' '.repeat(indent)}`;
      line = indent;
    } else {
      written += character;
      line++;
    }
  }
  return written;
}

/** A quote in the text stands twice. */
const singleQuoted = (text: string, place: Place): string =>
  `'${folded(text.replaceAll("'", "''"), { ...place, column: place.column + 1 })}'`;

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\u0007': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\u001b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escaped(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return `\\${known}`;
  if (printable.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const [letter, length] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(length, '0')}`;
}

/** Of several spaces at a fold, those after the first begin the next line behind a backslash. */
function doubleQuoted(text: string, { indent, column, key }: Place): string {
  const characters = [...text];
  let [line, written] = [column + 1, '"'];
  for (const [i, character] of characters.entries()) {
    const mayFold = !key && i > 0 && i < characters.length - 1 && characters[i - 1] !== ' ';
    if (character === ' ' && mayFold && line > bestWidth) {
      const more = characters[i + 1] === ' ' ? '\\' : '';
      written += `\n${' '.repeat(indent)}${more}`;
      line = indent + more.length;
    } else {
      const as = escaped(character);
      written += as;
      line += [...as].length;
    }
  }
  return `${written}"`;
}

/** `|`, with what says how it begins where it begins with a space, and how it ends. */
function literal(text: string, indent: number): string {
  const begins = /^[ \n]/.test(text) ? '2' : '';
  const ends = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') || text === '\n' ? '+' : '';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return [`|${begins}${ends}`, ...lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line))].join(
    '\n',
  );
}
