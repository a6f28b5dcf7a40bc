/**
 * Writes core/time/generated/zones.ts from the time zone database (public domain): since 2000, when each zone changed
 * its offset, and the rule it follows after the last change.
 *
 *     npx tsx sim/zones/generate.ts /usr/share/zoneinfo/tzdata.zi
 *
 * `zic` compiles the database; files of its slim form end where the rule begins.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** 2000-01-01T00:00:00Z: no run is earlier, and few recorded answers are. */
const begin = 946_684_800;

interface ZoneFile {
  readonly transitions: readonly { readonly at: number; readonly offset: number }[];
  /** Before the first transition. */
  readonly offset: number;
  /** A POSIX TZ text. */
  readonly rule: string;
}

const source = process.argv[2];
if (source === undefined) throw new Error('which tzdata.zi?');
const text = readFileSync(source, 'utf8');
const lines = text.split('\n');
const version = /^# version (\S+)/.exec(lines[0] ?? '')?.[1];
const names = lines
  .flatMap((line) => {
    const [word, first, second] = line.split(' ');
    return word === 'Z' ? [first ?? ''] : word === 'L' ? [second ?? ''] : [];
  })
  .sort();

const folder = mkdtempSync(join(tmpdir(), 'zones-'));
try {
  execFileSync('zic', ['-b', 'slim', '-d', folder, source]);
  const namesOf = new Map<string, string[]>();
  for (const name of names) {
    const data = encoded(parseZone(readFileSync(join(folder, name))));
    namesOf.set(data, [...(namesOf.get(data) ?? []), name]);
  }
  const rows = [...namesOf].map(([data, alike]) => `${alike.join(' ')}|${data}`).sort();
  writeFileSync(new URL('../../core/time/generated/zones.ts', import.meta.url), moduleText(rows));
} finally {
  rmSync(folder, { recursive: true });
}

/** The 64-bit part of a TZif file (RFC 8536). */
function parseZone(file: Buffer): ZoneFile {
  const counts = (at: number): readonly number[] =>
    [20, 24, 28, 32, 36, 40].map((place) => file.readUInt32BE(at + place));
  const [isUt = 0, isStd = 0, leaps = 0, times = 0, types = 0, chars = 0] = counts(0);
  const second = 44 + times * 5 + types * 6 + chars + leaps * 8 + isStd + isUt;
  const [isUt2 = 0, isStd2 = 0, leaps2 = 0, times2 = 0, types2 = 0, chars2 = 0] = counts(second);
  const timesAt = second + 44;
  const indicesAt = timesAt + times2 * 8;
  const typesAt = indicesAt + times2;
  const footerAt = typesAt + types2 * 6 + chars2 + leaps2 * 12 + isStd2 + isUt2;
  const offsetOf = (type: number): number => file.readInt32BE(typesAt + type * 6);
  const transitions = Array.from({ length: times2 }, (_, i) => ({
    at: Number(file.readBigInt64BE(timesAt + i * 8)),
    offset: offsetOf(file.readUInt8(indicesAt + i)),
  }));
  return { transitions, offset: offsetOf(0), rule: file.toString('latin1', footerAt).trim() };
}

/** `offset;delta:offset delta:offset;rule`, deltas in seconds and in base 36, the first from 2000 on. */
function encoded({ transitions, offset, rule }: ZoneFile): string {
  const before = transitions.filter(({ at }) => at < begin).at(-1)?.offset ?? offset;
  let last = begin;
  let current = before;
  const changes: string[] = [];
  for (const change of transitions) {
    // The last one stays even if the offset does: the rule holds from there on.
    if (change.at < begin || (change.offset === current && change !== transitions.at(-1))) continue;
    changes.push(`${(change.at - last).toString(36)}:${change.offset}`);
    last = change.at;
    current = change.offset;
  }
  return `${before};${changes.join(' ')};${rule}`;
}

function moduleText(rows: readonly string[]): string {
  return `// Written by sim/zones/generate.ts from the time zone database, version ${version ?? 'unknown'}. Do not edit.

/** A zone a line: its names, \`|\`, its offset in seconds in 2000, its changes since (base 36 seconds after the one before: new offset), its rule after them. */
export const zoneLines = \`
${rows.join('\n')}
\`;
`;
}
