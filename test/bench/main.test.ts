/** Aim: the bench command says what it can do, and what it cannot. Method: the command itself, and its printers. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { check, microsecondsEach, WrongResult } from '../../bench/frame/bench.ts';
import { measure } from '../../bench/frame/measure.ts';
import { jsonLine, table } from '../../bench/frame/print.ts';

const program = fileURLToPath(new URL('../../bench/bin.mjs', import.meta.url));
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

test('an unknown name, case or format is refused with what there is', () => {
  const name = run('stroe');
  expect([name.status, name.stdout]).toEqual([2, '']);
  expect(name.stderr).toMatch(/^error: unknown benchmark "stroe": did you mean store\? There are .*store/);
  const one = run('store', '--case', 'nothing');
  expect(one.status).toBe(2);
  expect(one.stderr).toMatch(/^error: unknown case "nothing": .*update 150000/);
  expect(run('store', '--format', 'xml').status).toBe(2);
});

test('help names the benchmarks', () => {
  const help = run('--help');
  expect(help.status).toBe(0);
  expect(help.stdout).toMatch(/Benchmarks: api, controllers, pods,\s+scheduler,\s+store/);
});

test('every case has its wall time, CPU time and peak memory', async () => {
  const own = { figure: 'answer', value: 42, unit: 'us', atMost: 41 };
  const measured = await measure('life', { name: 'small', run: () => [own] });
  expect(measured.map(({ figure, unit }) => `${figure} ${unit}`)).toEqual([
    'answer us',
    'wall s',
    'cpu s',
    'peak RSS MiB',
  ]);
  expect(measured.every(({ value }) => value > 0)).toBe(true);
  expect(measured.slice(0, 1).map(jsonLine)).toEqual([
    '{"bench":"life","case":"small","figure":"answer","value":42,"unit":"us"}',
  ]);
  expect(table(measured)).toMatch(/small .* answer .* 42\.0 .* us .* 41 MISSED/);
});

test('a wrong result is no figure', async () => {
  expect(() => {
    check('keys', [1], [1]);
  }).not.toThrow();
  const wrong = { name: 'wrong', run: () => (check('keys', [1, 2], [1]), []) };
  await expect(measure('life', wrong)).rejects.toThrow(new WrongResult('keys: want [1], got [1,2]'));
});

test('every call has a number of its own', () => {
  const numbers: number[] = [];
  microsecondsEach(2, 2, (i) => numbers.push(i));
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5]);
});
