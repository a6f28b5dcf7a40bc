// The command line as a person meets it: a process with arguments, what it prints, and its exit status.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface Options {
  /** SIGINT is sent as soon as this file is there. */
  readonly interruptOnceThereIs?: string;
}

function wavetank(args: readonly string[], { interruptOnceThereIs }: Options = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'sim/cli/bin.mjs'), ...args], { cwd: root });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const waiting = setInterval(() => {
      if (interruptOnceThereIs === undefined || !existsSync(interruptOnceThereIs)) return;
      child.kill('SIGINT');
      clearInterval(waiting);
    }, 50);
    child.on('close', (status) => {
      clearInterval(waiting);
      resolve({ status, out, err });
    });
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const small = file(
  'small.yaml',
  `apiVersion: wavetank/v1
kind: Scenario
spec:
  nodes: [{ count: 1 }]
  images: { default: { pull: 1s } }
  expect:
    - eventually: { within: 1m, that: "pod('a').status.phase == 'Running'" }
---
apiVersion: v1
kind: Pod
metadata: { name: a }
spec: { containers: [{ name: a, image: a }] }
`,
);

describe.concurrent('wavetank', () => {
  test('expectations that hold give status 0, and the trace can be read', async () => {
    const trace = join(folder, 'small.trace');
    const { status, out, err } = await wavetank(['run', small, '--trace', trace]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/✓ eventually pod\('a'\)\.status\.phase == 'Running'/);
    expect(out).toMatch(/Pods {6}1 Running, 1 ready/);
    const again = await wavetank(['run', small, '--format', 'json']);
    const summary = JSON.parse(again.out) as { readonly hash: string; readonly events: number };
    expect(out).toContain(summary.hash);
    expect(readFileSync(trace, 'utf8').split('\n').length).toBeGreaterThan(summary.events);
    const got = await wavetank(['etcd', 'get', '/registry/pods/', trace, '--prefix', '--keys-only']);
    expect(got).toEqual({ status: 0, out: '/registry/pods/default/a\n', err: '' });
    const explained = await wavetank(['explain', 'pod/a', trace]);
    expect(explained.status).toBe(0);
    expect(explained.out).toContain('Pod/a');
  });

  test('an expectation that fails gives status 1, and says what was found', async () => {
    const failing = file('failing.yaml', readFileSync(small, 'utf8').replace("'Running'", "'Failed'"));
    const { status, out } = await wavetank(['run', failing]);
    expect(status).toBe(1);
    expect(out).toContain(`✗ eventually pod('a').status.phase == 'Failed' (${failing}:7:7)`);
    expect(out).toContain(`pod('a').status.phase is "Running"`);
  });

  test('what the apiserver refuses is told as kubectl tells it, with status 1', async () => {
    const refused = file(
      'refused.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: nowhere }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: Not_A_Name }\n',
    );
    const { status, out } = await wavetank(['run', refused]);
    expect(status).toBe(1);
    expect(out).toContain(`refused at`);
    expect(out).toContain(`(${refused}:1:1)`);
    expect(out).toContain('Error from server (NotFound): namespaces "nowhere" not found');
    expect(out).toContain(
      'The ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name"',
    );
  });

  test('an interrupted run ends in order: status 130, a summary, a trace that can be read', async () => {
    const endless = file(
      'endless.yaml',
      readFileSync(small, 'utf8').replace(
        'spec:\n',
        'spec:\n  duration: 100000h\n  components: { heartbeats: exact }\n',
      ),
    );
    const trace = join(folder, 'endless.trace');
    const { status, out } = await wavetank(['run', endless, '--trace', trace], {
      interruptOnceThereIs: trace,
    });
    expect(status).toBe(130);
    expect(out).toContain('interrupted: this is what was reached');
    const got = await wavetank(['etcd', 'get', '/registry/', trace, '--prefix', '--keys-only']);
    expect({ status: got.status, err: got.err.includes('cut off') }).toEqual({ status: 0, err: false });
  });
});
