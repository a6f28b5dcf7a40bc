/** The cursor of a replay: every key, the clock, and that stepping anywhere shows what playing there shows. */
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import {
  atTime,
  moved,
  speeds,
  startCursor,
  type Cursor,
  type Input,
} from '../../../reports/replay/cursor.ts';
import { emptyPicture, pictureWith } from '../../../reports/replay/picture.ts';
import { pictureAt, replayIndex } from '../../../reports/replay/replay-index.ts';
import { isWrite } from '../../../reports/trace/registry.ts';
import { readTrace } from '../../../reports/trace/reader.ts';
import { memorySource } from '../../../reports/trace/source.ts';
import { TraceByHand } from '../by-hand.ts';
import { podCreation } from '../pod-creation.ts';

const index = replayIndex(memorySource('t', podCreation().text));
const { events } = index.trace;
const press = (cursor: Cursor, ...inputs: (Input | string)[]): Cursor =>
  inputs.reduce(
    (at: Cursor, input) =>
      moved(index, at, typeof input === 'string' ? { type: 'text', text: input } : input),
    cursor,
  );
const key = (name: Extract<Input, { type: 'key' }>['key']): Input => ({ type: 'key', key: name });
const begin = startCursor(false);

test('arrows and . , step by one event, not beyond the ends, and stop the play', () => {
  expect(press(begin, key('left')).event).toBe(0);
  expect(press(begin, '...').event).toBe(3);
  expect(press(begin, '...', ',').event).toBe(2);
  expect(press(begin, '>', key('right')).event).toBe(events);
  expect(press(begin, ' ', key('right')).playing).toBe(false);
});

test('n and p go to the next and the previous write', () => {
  const first = press(begin, 'n');
  expect(first.event).toBe(index.writers[0]);
  expect(press(first, 'n', 'p').event).toBe(first.event);
  expect(press(first, 'p').event).toBe(0);
});

test('+ and - change the speed within its ladder', () => {
  expect(speeds[press(begin, '+').speed]).toBe(2);
  expect(press(begin, '-'.repeat(40)).speed).toBe(0);
  expect(press(begin, '+'.repeat(40)).speed).toBe(speeds.length - 1);
});

test('playing moves the clock by the speed, and the event with it, to the end', () => {
  const playing = press(begin, ' ', { type: 'tick', elapsedMs: 20 });
  expect(playing.clock).toBe(20_000);
  expect(index.trace.at[playing.event]).toBeLessThanOrEqual(20_000);
  expect(index.trace.at[playing.event + 1]).toBeGreaterThan(20_000);
  const over = press(playing, { type: 'tick', elapsedMs: 1e6 });
  expect(over).toMatchObject({ event: events, playing: false });
  expect(press(over, ' ')).toMatchObject({ event: 0, playing: true });
  expect(press(begin, { type: 'tick', elapsedMs: 1e6 })).toEqual(begin);
});

test('g, a time and return jump there; escape and nonsense do not', () => {
  expect(press(begin, 'g', '1', 'x', key('backspace'), '.23s', key('return'))).toMatchObject({
    clock: 1_230_000,
    jump: undefined,
    event: atTime(index, begin, 1_230_000).event,
  });
  expect(press(begin, 'g', '12', key('escape'))).toMatchObject({ event: 0, jump: undefined });
  expect(press(begin, 'g', 'noon', key('return'))).toMatchObject({
    event: 0,
    notice: 'noon is no time: 12.5s, 5m, 1h30m',
  });
  expect(press(begin, 'g', '9h', key('return'))).toMatchObject({
    event: events,
    notice: 'the trace ends before that',
  });
});

test('q quits', () => {
  expect(press(begin, 'q').quit).toBe(true);
});

/** Many Pods that come, run and go, so that there are several checkpoints. */
function manyWrites(count: number): string {
  const t = new TraceByHand();
  t.process('etcd', 'etcd');
  t.process('apiserver-0', 'apiserver');
  for (let i = 0; i < count; i++) {
    const key = `/registry/pods/default/p${i % 37}`;
    t.event(10, 0, 0, 'etcd', 1, 'txn put', key);
    if (i % 5 === 4) t.record({ rev: i + 1, key, delete: true });
    else if (i % 5 < 2)
      t.record({
        rev: i + 1,
        key,
        put: { spec: i % 2 === 0 ? {} : { nodeName: `node-${i % 3}` }, status: { phase: 'Pending' } },
      });
    else
      t.record({
        rev: i + 1,
        key,
        patch: {
          spec: { nodeName: `node-${i % 4}` },
          status: {
            phase: 'Running',
            conditions: [{ type: 'Ready', status: i % 2 === 0 ? 'True' : 'False' }],
          },
        },
      });
    if (i % 3 === 0) t.event(1, t.events, 1, 'etcdAnswer', 'txn put', key, i + 1, true);
  }
  return t.text;
}

const source = memorySource('many', manyWrites(1_500));
const many = replayIndex(source);
const pictures = [emptyPicture];
for (const { event, records } of readTrace(source)) {
  if (event === undefined) continue;
  let picture = pictures.at(-1) ?? emptyPicture;
  for (const record of records) if (isWrite(record)) picture = pictureWith(picture, record);
  pictures.push(picture);
}

const seen = (picture: typeof emptyPicture): unknown => ({
  revision: picture.revision,
  counts: picture.counts,
  pods: [...picture.pods],
  nodes: [...picture.nodes].map(([name, node]) => [name, [...node.pods]]),
  unscheduled: [...picture.unscheduled],
});

property.prop([fc.array(fc.nat(many.trace.events), { maxLength: 12 })])(
  'the picture at any event, asked for in any order, is the one of reading from the front',
  (asked) => {
    for (const event of asked)
      expect(seen(pictureAt(many, event))).toEqual(seen(pictures[event] ?? emptyPicture));
  },
);

property.prop([fc.nat(many.trace.events)])('each Pod is counted once, and drawn once', (event) => {
  const { counts, pods, nodes, unscheduled } = pictureAt(many, event);
  expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(pods.size);
  expect([...nodes.values()].reduce((sum, node) => sum + node.pods.size, unscheduled.size)).toBe(pods.size);
});
