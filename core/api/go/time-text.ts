/** Why a text is no time, in the words of Go's time.Parse, for the two layouts of the API. (Go 1.24 time/format.go) */

export const rfc3339 = '2006-01-02T15:04:05Z07:00';
/** Six digits of a second, no more and no fewer. */
export const rfc3339Micro = '2006-01-02T15:04:05.000000Z07:00';

/** The parts of a layout in their order. */
const parts = /2006|01|02|15|04|05|\.000000|Z07:00|[-T:]/g;

/** Times as they are mostly written: nothing more need be looked at. */
const common =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d+))?Z$/;

/** Undefined where the text is a time of the layout. */
export function timeError(text: string, layout: string): string | undefined {
  const usual = common.exec(text);
  if (usual !== null && (layout === rfc3339 || usual[1]?.length === 6)) return undefined;
  const fail = (rest: string, part: string): string =>
    `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(part)}`;
  const outOfRange = (what: string): string => `parsing time ${JSON.stringify(text)}: ${what} out of range`;
  const found: Record<string, number> = {};
  let rest = text;
  let late: string | undefined;
  for (const part of layout.match(parts) ?? []) {
    const taken = take(rest, part);
    if (taken === undefined) return fail(rest, part);
    const range = ranges[part];
    const value = Number(rest.slice(0, taken));
    if (range !== undefined && (value < range.least || value > range.most)) {
      // Go notices a day that no month has at the end.
      if (part !== '02') return outOfRange(range.name);
      late = outOfRange(range.name);
    }
    found[part] = value;
    rest = rest.slice(taken);
    if (part === '05' && layout === rfc3339) rest = rest.replace(/^[.,]\d+/, '');
  }
  if (rest !== '') return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
  return late ?? (isDay(found) ? undefined : outOfRange('day'));
}

interface Range {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

const ranges: Readonly<Record<string, Range>> = {
  '01': { name: 'month', least: 1, most: 12 },
  '02': { name: 'day', least: 1, most: 31 },
  '15': { name: 'hour', least: 0, most: 23 },
  '04': { name: 'minute', least: 0, most: 59 },
  '05': { name: 'second', least: 0, most: 59 },
};

/** How many characters the part is, or undefined where the text does not begin with it. */
function take(rest: string, part: string): number | undefined {
  switch (part) {
    case '2006':
      return /^\d{4}/.test(rest) ? 4 : undefined;
    case '.000000':
      return /^[.,]\d{6}/.test(rest) ? 7 : undefined;
    case 'Z07:00':
      if (rest.startsWith('Z')) return 1;
      return /^[+-]\d\d:\d\d/.test(rest) ? 6 : undefined;
    case '-':
    case 'T':
    case ':':
      return rest.startsWith(part) ? 1 : undefined;
    default:
      return /^\d\d/.test(rest) ? 2 : undefined;
  }
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(found: Readonly<Record<string, number>>): boolean {
  const [year = 0, month = 1, day = 1] = [found['2006'], found['01'], found['02']];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && leap ? 29 : (monthDays[month - 1] ?? 31));
}
