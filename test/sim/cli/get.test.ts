/** Aim: a recorded run can be asked with `get`. Method: a small run through the command line, and whole outputs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { said } from './said.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
const [scenario, trace] = [join(folder, 'small.yaml'), join(folder, 'small.trace')];

beforeAll(async () => {
  writeFileSync(
    scenario,
    `apiVersion: wavetank/v1
kind: Scenario
spec:
  nodes: [{ count: 1 }]
  images: { default: { pull: 3s, startup: 0s } }
---
apiVersion: v1
kind: Pod
metadata: { name: db, labels: { tier: back } }
spec:
  containers:
    - { name: db, image: 'postgres:18', env: [{ name: DEBUG, value: 'yes' }, { name: NOTE, value: "one\\ntwo\\n" }] }
---
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { selector: { tier: back }, clusterIP: 10.96.0.20, ports: [{ port: 5432 }] }
`,
  );
  expect(await said(['run', scenario, '--trace', trace])).toContain('1 Running, 1 ready');
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('now, and earlier', async () => {
  expect(await said(['get', 'pods', trace, '--at', '2s'])).toBe(
    `NAME   READY   STATUS              RESTARTS   AGE
db     0/1     ContainerCreating   0          2s
`,
  );
  expect(await said(['get', 'pod,svc', '-l', 'tier!=front', trace, '--at', '30s'])).toBe(
    `NAME     READY   STATUS    RESTARTS   AGE
pod/db   1/1     Running   0          30s

NAME                 TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)    AGE
service/db           ClusterIP   10.96.0.20   <none>        5432/TCP   30s
service/kubernetes   ClusterIP   10.96.0.1    <none>        443/TCP    30s
`,
  );
  expect(await said(['get', 'pods', '--at', '0s', trace])).toBe(
    '! No resources found in default namespace.\n',
  );
});

test('in full', async () => {
  const text = await said(['get', 'pod', 'db', trace, '-o', 'yaml']);
  expect(text).toContain(`  containers:
  - env:
    - name: DEBUG
      value: "yes"
    - name: NOTE
      value: |
        one
        two
    image: postgres:18
`);
  expect(text.split('\n').filter((line) => !line.startsWith(' '))).toEqual([
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    'spec:',
    'status:',
    '',
  ]);
  const pods = JSON.parse(await said(['get', 'pods', trace, '--format', 'json'])) as object;
  expect(pods).toMatchObject({ kind: 'List', items: [{ metadata: { name: 'db' } }] });
});

test('what is not there, and what cannot be', async () => {
  expect(await said(['get', 'pod', 'dv', trace])).toBe(
    '! Error from server (NotFound): pods "dv" not found\n! exit status 1\n',
  );
  expect(await said(['get', 'sercive', trace])).toBe(
    `! error: the server doesn't have a resource type "sercive"; did you mean service?\n! exit status 2\n`,
  );
  expect(await said(['get', 'pods', scenario])).toContain(`${scenario}:1: this is no trace of wavetank`);
  expect(await said(['get', 'pods', join(folder, 'none')])).toBe(
    `! ${join(folder, 'none')}: no such file\n! exit status 2\n`,
  );
});
