/** Aim: what the README says works. Method: its commands are run in order in an empty folder, and its TypeScript too. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'wavetank-readme-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({
  language,
  text: text ?? '',
}));

/** Those that need files the repository does not have, or a terminal; and suites that have tests of their own. */
const elsewhere =
  /my-deployment|openb_|wavetank -- replay|conformance (?:api|apiserver|scheduler|controllers) /;

const commands = blocks
  .filter(({ language }) => language === '')
  .flatMap(({ text }) => text.split('\n'))
  .map((line) => line.replace(/\s+#.*/, '').trim())
  .filter((line) => line.startsWith('npm run -s wavetank -- ') && !elsewhere.test(line));

/** Blocks that begin with a prompt show what comes of a command. */
const shownOutputs = blocks
  .filter(({ text }) => text.startsWith('$ '))
  .map(({ text }) => {
    const end = text.indexOf('\n');
    return { command: text.slice('$ '.length, end), shown: text.slice(end + 1) };
  });

test('the README has commands to try', () => {
  expect(commands.length).toBeGreaterThanOrEqual(4);
  expect(shownOutputs).toHaveLength(1);
});

function outputOf(command: string): string {
  const words = command
    .replace('npm run -s wavetank -- ', '')
    .replaceAll('out.trace', join(folder, 'out.trace'));
  return execFileSync('sh', ['-c', `node sim/cli/bin.mjs ${words}`], { cwd: root, encoding: 'utf8' });
}

test.each(commands)('%s', (command) => {
  const output = outputOf(command);
  expect(output.length).toBeGreaterThan(0);
  expect(output).not.toContain('internal error');
});

test.each(shownOutputs)('$command prints what is shown', ({ command, shown }) => {
  expect(outputOf(command)).toBe(shown);
});

test('the TypeScript of the README runs', () => {
  const example = blocks.find(({ language, text }) => language === 'ts' && text.includes('Simulation'));
  const file = join(folder, 'example.ts');
  writeFileSync(file, (example?.text ?? '').replaceAll("'./", `'${root}`));
  const output = execFileSync('node', ['--import', 'tsx', file], { cwd: root, encoding: 'utf8' });
  expect(output).toMatch(/^0 [0-9a-f]{64}\n$/);
});
