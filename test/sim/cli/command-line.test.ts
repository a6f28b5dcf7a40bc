// What is wrong with a command line is told in a line or two, with the nearest word, and status 2.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commandLine } from '../../../sim/cli/command-line.ts';
import { failureOf } from '../../../sim/cli/failure.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const small = join(folder, 'small.yaml');
writeFileSync(small, 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n');

async function told(args: readonly string[]): Promise<{ readonly status: number; readonly text: string }> {
  let text = '';
  const write = (part: string): void => void (text += part);
  try {
    await commandLine({ writeOut: write, writeErr: write }).parseAsync(args, { from: 'user' });
    return { status: 0, text };
  } catch (error) {
    const failure = failureOf(error);
    return { status: failure.status, text: text + (failure.text ?? '') };
  }
}

const cases: readonly (readonly [name: string, args: readonly string[], message: string])[] = [
  ['an unknown command', ['rnu'], "error: unknown command 'rnu'\n(Did you mean run?)"],
  [
    'an unknown option',
    ['run', '--sed', '1', small],
    "error: unknown option '--sed'\n(Did you mean --seed?)",
  ],
  ['a negative time', ['run', '--until', '-5m', small], 'It must be more than nothing.'],
  ['no duration', ['run', '--until', 'soon', small], 'Expected a duration such as 30s, 20m or 1h30m.'],
  ['no nodes', ['run', '--nodes', '0', small], 'Expected a whole number from 1 to 100000.'],
  ['an unknown format', ['run', '--format', 'jsno', small], 'Did you mean json?'],
  ['nothing to run', ['run'], 'error: nothing to run: name scenario files or manifests, or a --pod-trace'],
  [
    'a trace that is a directory',
    ['run', small, '--trace', folder],
    `error: --trace ${folder}: is a directory`,
  ],
  [
    'a trace over its own input',
    ['run', small, '--trace', small],
    'is one of the files to run; it would be overwritten',
  ],
  ['a missing file', ['run', 'missing.yaml'], 'missing.yaml:1:1: no such file'],
  ['a trace that is none', ['etcd', 'get', '/registry/', small], small],
  ['an unknown suite', ['conformance', 'etdc', small], 'unknown suite "etdc": did you mean etcd?'],
];

test.each(cases)('%s', async (_, args, message) => {
  const { status, text } = await told(args);
  expect(text).toContain(message);
  expect(text).not.toMatch(/\n\s+at /);
  expect(status).toBe(2);
});

test('help is no error', async () => {
  const { status, text } = await told(['run', '--help']);
  expect(status).toBe(0);
  for (const option of ['--seed', '--until', '--nodes', '--trace', '--format', '--node-trace', '--pod-trace'])
    expect(text).toContain(option);
});
