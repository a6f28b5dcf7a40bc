/**
 * Aim: whatever is refused is told with the place where a person wrote it. Method: a scenario that has the apiserver refuse an
 * object of each origin, a deletion and a scaling, and the places in the report of its run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunSummary } from '../../../reports/run-summary.ts';
import { said } from './said.ts';

const scenario = `apiVersion: wavetank/v1
kind: Scenario
spec:
  nodes: [{ count: 0 }]
  timeline:
    - { at: 1s, apply: { apiVersion: v1, kind: ConfigMap, metadata: { name: Inline } } }
    - at: 2s
      apply:
        - apiVersion: v1
          kind: ConfigMap
          metadata: { name: fine }
        - apiVersion: v1
          kind: ConfigMap
          metadata: { name: In_A_List }
        - apiVersion: v1
          kind: List
          items:
            - { apiVersion: v1, kind: ConfigMap, metadata: { name: Deep } }
        - named.yaml
    - at: 3s
      serverSide: true
      apply: { apiVersion: v1, kind: ConfigMap, metadata: { name: Inline } }
    - { at: 4s, delete: { kind: configmap, name: none } }
    - at: 5s
      scale: { kind: deployment, name: none, replicas: 2 }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: Beside }
`;

const named = `# the second document is wrong
apiVersion: v1
kind: ConfigMap
metadata: { name: right }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: Wrong }
`;

test('each refusal has the place of what was refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, scenario);
  writeFileSync(join(folder, 'named.yaml'), named);
  const text = await said(['run', file, '--format', 'json']);
  rmSync(folder, { recursive: true });
  const { refused } = JSON.parse(text.replace(/^! .*$/gm, '')) as RunSummary;
  expect(refused.map(({ object, source }) => `${source?.replace(`${folder}/`, '')} ${object}`)).toEqual([
    'scenario.yaml:27:1 configmaps/default/Beside',
    'scenario.yaml:6:24 configmaps/default/Inline',
    'scenario.yaml:12:11 configmaps/default/In_A_List',
    'scenario.yaml:18:15 configmaps/default/Deep',
    'named.yaml:6:1 configmaps/default/Wrong',
    'scenario.yaml:22:14 configmaps/default/Inline',
    'scenario.yaml:23:7 configmaps/default/none',
    'scenario.yaml:24:7 deployments/default/none',
  ]);
});
