import { readFileSync, statSync, type Stats } from 'node:fs';
import { refuse, startOf, type Position } from './problem.ts';

/** The largest file that is read: YAML becomes about 200 times its size in memory, and no manifest comes near. */
const largestMiB = 16;

/** The text of a file that may hold YAML; `-` is standard input. `named` is where the file was named, if a file named it. */
export function readSource(path: string, named: Position = startOf(path), shownAs: string = path): string {
  if (path === '-') return decoded(readFileSync(0), 'stdin');
  const about = (what: string): string => (named.file === shownAs ? what : `${shownAs}: ${what}`);
  const stats = statOf(path, named, about);
  if (stats.isDirectory()) refuse(named, about('is a directory; name the files in it'));
  if (!stats.isFile()) refuse(named, about('is not a regular file'));
  if (stats.size > largestMiB * 1024 * 1024)
    refuse(
      named,
      about(`is ${Math.round(stats.size / 1024 / 1024)} MiB; files above ${largestMiB} MiB are not read`),
    );
  return decoded(readFileSync(path), shownAs);
}

function statOf(path: string, named: Position, about: (what: string) => string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return refuse(named, about(code === 'EACCES' ? 'permission denied' : 'no such file'));
  }
}

/** UTF-8, with or without a byte order mark. */
function decoded(bytes: Uint8Array, file: string): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    refuse(startOf(file), 'is UTF-16 text; only UTF-8 is read');
  const zero = bytes.indexOf(0);
  if (zero >= 0) refuse(placeOf(bytes, zero, file), 'a zero byte: this is a binary file, not YAML or JSON');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const at = firstInvalid(bytes);
    const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
    return refuse(placeOf(bytes, at, file), `byte 0x${byte} is not UTF-8; only UTF-8 is read`);
  }
}

function placeOf(bytes: Uint8Array, offset: number, file: string): Position {
  const before = new TextDecoder().decode(bytes.subarray(0, offset)).split('\n');
  return { file, line: before.length, column: (before[before.length - 1] ?? '').length + 1 };
}

/** The first byte that does not come back when the text is encoded again: what is no UTF-8 becomes U+FFFD. */
function firstInvalid(bytes: Uint8Array): number {
  const again = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  return bytes.findIndex((byte, offset) => byte !== again[offset]);
}
