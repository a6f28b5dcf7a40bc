/**
 * Aim: the report of a run says what is not as its author wished and why, as kubectl would have told: by `describe`, and by a
 * Warning as the object was applied. Method: one of each kind of trouble, and the report as a person reads it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { said } from './said.ts';

const pod = (name: string, spec: string): string =>
  `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} }, spec: { containers: [{ name: main, image: example.com/${name} }], ${spec} } }`;

const template = (name: string, spec: string): string =>
  `selector: { matchLabels: { app: ${name} } }, template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: main, image: example.com/${name} }], ${spec} } }`;

const scenario = `apiVersion: wavetank/v1
kind: Scenario
spec:
  images:
    default: { pull: 1s, startup: 300ms }
    byName:
      example.com/works: { pull: 1s, exitAfter: 2s }
      example.com/breaks: { pull: 1s, exitAfter: 2s, exitCode: 3 }
      example.com/alone: { pull: 1s, exitAfter: 2s, exitCode: 4 }
---
${pod('gated', 'schedulingGates: [{ name: example.com/wait }]')}
---
${pod('ssd', 'nodeSelector: { disk: ssd }')}
---
${pod('other', 'schedulerName: not-here')}
---
${pod('alone', 'restartPolicy: Never')}
---
{ apiVersion: v1, kind: Pod, metadata: { name: old, annotations: { seccomp.security.alpha.kubernetes.io/pod: runtime/default } }, spec: { containers: [{ name: main, image: example.com/old }] } }
---
{ apiVersion: apps/v1, kind: ReplicaSet, metadata: { name: three }, spec: { replicas: 3, ${template('three', 'nodeSelector: { disk: ssd }')} } }
---
{ apiVersion: apps/v1, kind: DaemonSet, metadata: { name: nobody }, spec: { ${template('nobody', 'serviceAccountName: missing')} } }
---
{ apiVersion: apps/v1, kind: DaemonSet, metadata: { name: nowhere }, spec: { ${template('nowhere', 'nodeSelector: { disk: ssd }')} } }
---
{ apiVersion: apps/v1, kind: DaemonSet, metadata: { name: everywhere }, spec: { ${template('everywhere', '')} } }
---
{ apiVersion: batch/v1, kind: Job, metadata: { name: works }, spec: { completions: 2, template: { spec: { restartPolicy: Never, containers: [{ name: main, image: example.com/works }] } } } }
---
{ apiVersion: batch/v1, kind: Job, metadata: { name: breaks }, spec: { backoffLimit: 0, template: { spec: { restartPolicy: Never, containers: [{ name: main, image: example.com/breaks }] } } } }
---
{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: manual }, spec: { storageClassName: manual, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }
---
{ apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: blind }, spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: absent } } }
`;

test('everything that waits is told with its reason, several of one owner together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, scenario);
  const text = await said(['run', file, '--until', '2m']);
  rmSync(folder, { recursive: true });
  const told = text.split('\n').filter((line) => /^ {2}([✓✗]|waiting|Warning)|^ {4}\S/.test(line));
  const plain = told
    .join('\n')
    .replaceAll(folder, '')
    .replace(/(three|nobody)-[a-z0-9]{5}/g, '$1-xxxxx')
    .replace(/ at \d\S+$/gm, ' at …');
  expect(`\n${plain}\n`).toBe(`
  ✗ ReplicaSet default/three      0/3 not available
  ✓ DaemonSet default/everywhere  3/3 available at …
  ✗ DaemonSet default/nobody      0/3 not available
  ✓ DaemonSet default/nowhere     0/0 wanted on no node
  ✗ Job default/breaks            0/1 failed: BackoffLimitExceeded: Job has reached the specified backoff limit
  ✓ Job default/works             2/2 complete at …
  waiting Pod default/alone: Failed
    container main ended with exit code 4
  waiting Pod default/gated: SchedulingGated
    Scheduling is blocked due to non-empty scheduling gates
  waiting Pod default/other: NotScheduled
    scheduler "not-here" has not looked at it
  waiting Pod default/ssd: Unschedulable
    0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.
  waiting Pod default/three-xxxxx and 2 more: Unschedulable
    0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.
  waiting DaemonSet default/nobody: FailedCreate
    Error creating: pods "nobody-xxxxx" is forbidden: error looking up service account default/missing: serviceaccount "missing" not found
  waiting PersistentVolumeClaim default/manual: ProvisioningFailed
    storageclass.storage.k8s.io "manual" not found
  waiting HorizontalPodAutoscaler default/blind: FailedGetScale
    the HPA controller was unable to get the target's current scale: deployments.apps "absent" not found
  Warning: metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead (/scenario.yaml:19:1)
`);
});
