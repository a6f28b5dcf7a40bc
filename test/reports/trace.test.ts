/** Reading traces: whole, cut off, broken; by small blocks; and by index. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linesOf, lineText } from '../../reports/trace/lines.ts';
import { readTrace } from '../../reports/trace/reader.ts';
import { fileSource, memorySource, TraceInputError } from '../../reports/trace/source.ts';
import { effectsOf, eventAt, indexTrace, lastEventAt, recordsAt } from '../../reports/trace/trace-index.ts';
import { TraceByHand } from './by-hand.ts';
import { podCreation } from './pod-creation.ts';

const problemOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof TraceInputError) return error.message;
    throw error;
  }
  return 'no problem';
};

const header = new TraceByHand().text;

test.each([
  ['an empty file', '', 't: is empty: no trace'],
  [
    'a manifest',
    'apiVersion: v1\nkind: Pod\n',
    't:1: this is no trace of wavetank: its first line should be {"wavetank":1,…}',
  ],
  ['another version', '{"wavetank":9}\n', 't:1: this trace has version 9; this wavetank reads version 1'],
  [
    'bytes',
    '\u0000\u0001\u0002\n',
    't:1: this is no trace of wavetank: its first line should be {"wavetank":1,…}',
  ],
  ['a line that is no JSON', `${header}[1,2,\n[0,0,0,"start"]\n`, 't:2: an event is an array in JSON'],
  [
    'a record of nothing',
    `${header}{"a":1}\n`,
    't:2: a record is of a process, of a written key, or of an explanation',
  ],
  [
    'a cause in the future',
    `${header}[0,0,0,"start"]\n[0,7,0,"start"]\n`,
    't:3: event 2 says that event 7 caused it, which had not happened yet',
  ],
  ['a missing field', `${header}[0,0,0,"timer"]\n`, 't:2: the timer event has no what (a string in place 5)'],
])('%s is one clear error', (_name, text, problem) => {
  expect(problemOf(() => [...readTrace(memorySource('t', text))])).toBe(problem);
});

test('an unknown kind of event names the kinds there are', () => {
  expect(problemOf(() => indexTrace(memorySource('t', `${header}[0,0,0,"party"]\n`)))).toMatch(
    /^t:2: "party" is no kind of event \(start, /,
  );
});

test('a missing file and a directory are named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  expect(problemOf(() => fileSource(join(folder, 'none')))).toBe(`${folder}/none: no such file`);
  expect(problemOf(() => fileSource(folder))).toContain(`${folder}: is a directory`);
});

test('lines that straddle blocks come whole, with their offsets and their hits', () => {
  const lines = Array.from(
    { length: 3_000 },
    (_, i) => `${i} ${'é'.repeat(i % 900)}${i % 7 === 0 ? 'needle' : ''}`,
  );
  const text = lines.join('\n');
  const source = memorySource('t', text);
  const found = [...linesOf(source, ['needle'])].length;
  expect(found).toBe(lines.length);
  let i = 0;
  for (const line of linesOf(source, ['needle'])) {
    expect(lineText(line)).toBe(lines[i]);
    expect(line.hit).toBe(i % 7 === 0);
    expect(source.read(line.offset, 1).toString()).toBe(`${i}`.slice(0, 1));
    i++;
  }
});

test('a trace that was cut off anywhere is a trace up to there', () => {
  const { text } = podCreation();
  const whole = [...readTrace(memorySource('t', text))];
  const firstLine = text.indexOf('\n') + 1;
  for (let length = firstLine; length < text.length; length += 97) {
    const part = memorySource('t', text.slice(0, length));
    const read = [...readTrace(part)];
    const index = indexTrace(part);
    expect(index.events).toBe(read.filter(({ event }) => event !== undefined).length);
    expect(whole.slice(0, Math.max(0, read.length - 1))).toEqual(read.slice(0, -1));
    expect(index.truncated).toBe(
      index.source.read(0, length).at(-1) !== 10 &&
        !isJson(text.slice(text.lastIndexOf('\n', length - 1) + 1, length)),
    );
  }
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('the index gives back, at any place, what reading from the front gives', () => {
  const source = memorySource('t', podCreation().text);
  const index = indexTrace(source);
  const effects = effectsOf(index);
  let caused = 0;
  for (const { event, records } of readTrace(source)) {
    expect(recordsAt(index, event?.id ?? 0)).toEqual(records);
    if (event === undefined) continue;
    expect(eventAt(index, event.id)).toEqual(event);
    expect([...effects.of(event.cause)]).toContain(event.id);
    caused += effects.of(event.id).length;
    expect(lastEventAt(index, event.at)).toBeGreaterThanOrEqual(event.id);
    expect(lastEventAt(index, event.at - 1)).toBeLessThan(event.id);
  }
  expect(caused + effects.of(0).length).toBe(index.events);
  expect(index.events).toBeGreaterThan(50);
});
