/** Times as people read them in a list. (kubernetes v1.34.1 apimachinery/pkg/util/duration/duration.go HumanDuration) */
import { parseTimeText, second, type Duration, type VirtualTime } from '../../time/time.ts';

/** How long ago a time was: `5m`, `3h1m`, `<unknown>` where there is none. */
export function ageOf(time: string | null | undefined, now: VirtualTime): string {
  const at = time === null || time === undefined ? undefined : parseTimeText(time);
  return at === undefined ? '<unknown>' : humanDuration(now - at);
}

/** A duration with at most two units, the second one only where it matters. */
export function humanDuration(duration: Duration): string {
  const seconds = Math.trunc(duration / second);
  if (seconds < -1) return '<invalid>';
  if (seconds < 120) return `${Math.max(seconds, 0)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return twoUnits(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return twoUnits(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return twoUnits(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? twoUnits(years, 'y', days % 365, 'd') : `${years}y`;
}

const twoUnits = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
