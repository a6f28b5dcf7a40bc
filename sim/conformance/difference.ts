/** Where two JSON values first differ. */

/** The place of the first difference with both sides of it, or undefined when the values are alike. */
export function firstDifference(want: unknown, got: unknown, place = ''): string | undefined {
  if (Object.is(want, got)) return undefined;
  if (Array.isArray(want) && Array.isArray(got)) return inArrays(want, got, place);
  if (isRecord(want) && isRecord(got)) return inRecords(want, got, place);
  return `${place === '' ? '' : `${place}: `}want ${show(want)}, got ${show(got)}`;
}

function inArrays(want: readonly unknown[], got: readonly unknown[], place: string): string | undefined {
  for (let i = 0; i < Math.max(want.length, got.length); i++) {
    const difference = firstDifference(want[i], got[i], `${place}[${i}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function inRecords(
  want: Readonly<Record<string, unknown>>,
  got: Readonly<Record<string, unknown>>,
  place: string,
): string | undefined {
  for (const field of new Set([...Object.keys(want), ...Object.keys(got)])) {
    const difference = firstDifference(want[field], got[field], place === '' ? field : `${place}.${field}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
