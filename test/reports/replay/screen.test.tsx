/** The replay's screen: frames as text (transcripts to read), their bounds, and the keys through ink. */
import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { atTime, startCursor } from '../../../reports/replay/cursor.ts';
import { frameOf } from '../../../reports/replay/frame.ts';
import { frameText, linesOfFrame } from '../../../reports/replay/lines.ts';
import { replayIndex } from '../../../reports/replay/replay-index.ts';
import { Screen } from '../../../reports/replay/screen.tsx';
import { noColours } from '../../../reports/terminal.ts';
import { memorySource } from '../../../reports/trace/source.ts';
import { TraceByHand } from '../by-hand.ts';
import { podCreation } from '../pod-creation.ts';

const index = replayIndex(memorySource('t', podCreation().text));
const size = { columns: 110, rows: 30 };
const begin = startCursor(false);

test.each([
  ['start', 0],
  ['bound', 20_000],
  ['running', 2_000_000],
])('the frame: %s', async (name, time) => {
  await expect(frameText(frameOf(index, atTime(index, begin, time), size), noColours)).toMatchFileSnapshot(
    `../transcripts/replay-${name}.txt`,
  );
});

test.each([
  [80, 24],
  [40, 10],
  [20, 5],
  [200, 60],
])('a screen of %d columns and %d rows is never left', (columns, rows) => {
  for (let event = 0; event <= index.trace.events; event++) {
    const lines = linesOfFrame(frameOf(index, { ...begin, event }, { columns, rows }));
    expect(lines.length).toBeLessThan(rows);
    for (const line of lines)
      expect(line.map((span) => span.text).join('').length).toBeLessThanOrEqual(columns);
  }
});

test('many nodes scroll, and a bar with more Pods than columns shares them out', () => {
  const t = new TraceByHand();
  t.process('etcd', 'etcd');
  t.process('apiserver-0', 'apiserver');
  t.event(0, 0, 0, 'etcd', 1, 'txn put', '');
  for (let i = 0; i < 300; i++)
    t.record({
      rev: i + 1,
      key: `/registry/minions/node-${i}`,
      put: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    });
  for (let i = 0; i < 250; i++)
    t.record({
      rev: i + 301,
      key: `/registry/pods/default/p${i}`,
      put: { spec: { nodeName: 'node-0' }, status: { phase: i < 200 ? 'Running' : 'Failed' } },
    });
  const many = replayIndex(memorySource('t', t.text));
  const frame = frameOf(many, { ...begin, event: 1, firstNode: 0 }, { columns: 78, rows: 30 });
  expect(frame.nodes[0]).toMatchObject({ name: 'node-0', pods: 250, podsPerCell: 5 });
  expect(frame.nodes[0]?.cells.filter((cell) => cell === 'running')).toHaveLength(40);
  expect(frame.nodes[0]?.cells.filter((cell) => cell === 'failed')).toHaveLength(10);
  const last = frameOf(many, { ...begin, event: 1, firstNode: 9_999 }, { columns: 78, rows: 30 });
  expect(last.nodesBelow).toBe(0);
  expect(last.nodes.at(-1)?.name).toBe('node-99');
});

const until = async (check: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !check(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(check()).toBe(true);
};

test('keys move the screen: step, jump, quit', async () => {
  const screen = render(<Screen index={index} cursor={begin} size={size} />);
  const shown = (): string => screen.lastFrame() ?? '';
  await until(() => shown().includes('before the first event'));
  screen.stdin.write('.');
  await until(() => shown().includes('event 1 of'));
  screen.stdin.write('\u001b[C');
  await until(() => shown().includes('event 2 of'));
  screen.stdin.write('g');
  await until(() => shown().includes('go to time'));
  screen.stdin.write('2s');
  await until(() => shown().includes('go to time: 2s'));
  screen.stdin.write('\r');
  await until(() => shown().includes(`event ${index.trace.events} of`));
  screen.unmount();
});

test('playing shows later frames by itself', async () => {
  const screen = render(<Screen index={index} cursor={startCursor(true)} size={size} />);
  await until(() => (screen.lastFrame() ?? '').includes('ReplicaSet/web-5d4f8'));
  screen.unmount();
});
