/**
 * Virtual time: integer microseconds since the run began. Nothing in core/ knows any other clock.
 *
 * Kubernetes writes times as RFC 3339 text; a run begins at a fixed instant, so that the same scenario
 * writes the same text on every machine and every day.
 */

/** Integer microseconds since the run began. */
export type VirtualTime = number & { readonly unit?: 'us' };
/** Integer microseconds. */
export type Duration = number & { readonly unit?: 'us' };

export const microsecond = 1;
export const millisecond = 1_000;
export const second = 1_000_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** The instant a run begins: 2025-01-01T00:00:00Z, in seconds since 1970. */
const epochSeconds = 1_735_689_600;

const twoDigits = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** Year, month and day of a day counted from 1970-01-01 (Howard Hinnant's civil_from_days). */
function civil(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}

function secondText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const hours = Math.floor(rest / 3_600);
  const minutes = Math.floor((rest % 3_600) / 60);
  return `${civil(days)}T${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(rest % 60)}`;
}

let lastSecond = -1;
let lastText = '';

/** `metav1.Time`: RFC 3339 truncated to the second, as in `creationTimestamp`. The last answer is kept: a second lasts many events. */
export function timeText(at: VirtualTime): string {
  const whole = epochSeconds + Math.floor(at / second);
  if (whole !== lastSecond) {
    lastSecond = whole;
    lastText = `${secondText(whole)}Z`;
  }
  return lastText;
}

/** `metav1.MicroTime`: RFC 3339 with six digits, as in `eventTime` and a Lease's `renewTime`. */
export function microTimeText(at: VirtualTime): string {
  const fraction = `${at % second}`.padStart(6, '0');
  return `${timeText(at).slice(0, -1)}.${fraction}Z`;
}

/** The virtual time that `timeText` or `microTimeText` wrote, or undefined when the text is no such time. */
export function parseTimeText(text: string): VirtualTime | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  const whole = days * 86_400 + hours * 3_600 + minutes * 60 + seconds - epochSeconds;
  return whole * second + Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
}
