/** PodSecurity: what a namespace's labels let a Pod do. Aim: modes, versions, updates and warnings as in Kubernetes 1.34.1 (the checks themselves are recorded: conformance). Method: tables. */
import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../../../core/api/object.ts';
import { podSecurity } from '../../../../core/apiserver/admission/pod-security.ts';
import { Cluster } from '../cluster.ts';
import { deployment, namespace, pod, podSpec } from '../objects.ts';
import { judgedBy, podThing, thing, type Asked } from './admitting.ts';

type Labels = Readonly<Record<string, string>>;

const labelled = (labels: Labels): object =>
  thing('Namespace', 'default', {
    metadata: {
      labels: Object.fromEntries(
        Object.entries(labels).map(([mode, value]) => [`pod-security.kubernetes.io/${mode}`, value]),
      ),
    },
  });

const judged = (labels: Labels, asked: Asked): string =>
  judgedBy(podSecurity, asked, { namespaces: [labelled(labels)] });

const hostNetwork = { resource: 'pods', object: podThing({ hostNetwork: true }) };
const baseline =
  'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)';

describe('what is enforced', () => {
  test.each<readonly [string, Labels, Asked, string]>([
    ['nothing said', {}, hostNetwork, 'admitted'],
    ['privileged', { enforce: 'privileged' }, hostNetwork, 'admitted'],
    ['baseline', { enforce: 'baseline' }, hostNetwork, baseline],
    ['only warned of', { warn: 'baseline', audit: 'restricted' }, hostNetwork, 'admitted'],
    [
      'as of a version',
      { enforce: 'baseline', 'enforce-version': 'v1.20' },
      hostNetwork,
      'pods "p" is forbidden: violates PodSecurity "baseline:v1.20": host namespaces (hostNetwork=true)',
    ],
    [
      'what makes Pods is not refused',
      { enforce: 'restricted' },
      { resource: 'deployments', object: thing('Deployment', 'd') },
      'admitted',
    ],
    [
      'an update that brings no image is not looked at',
      { enforce: 'baseline' },
      { ...hostNetwork, operation: 'UPDATE', oldObject: hostNetwork.object },
      'admitted',
    ],
    [
      'an update of an image is',
      { enforce: 'baseline' },
      {
        ...hostNetwork,
        operation: 'UPDATE',
        oldObject: podThing({ hostNetwork: true, containers: [{ name: 'c', image: 'img:0' }] }),
      },
      baseline,
    ],
  ])('%s', (_what, labels, asked, answer) => {
    expect(judged(labels, asked)).toBe(answer);
  });
});

test('labels of a Namespace are checked', () => {
  const object = labelled({ enforce: 'strict', 'warn-version': '1.20' }) as ApiObject;
  expect(judged({}, { resource: 'namespaces', object })).toBe(
    'Namespace "default" is invalid: [' +
      'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, ' +
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.20": must be "latest" or "v1.x"]',
  );
});

describe('what is warned of', () => {
  const cluster = new Cluster();
  const warned = {
    ...namespace('n'),
    metadata: { name: 'n', labels: { 'pod-security.kubernetes.io/warn': 'baseline' } },
  };
  cluster.object({ verb: 'create', resource: 'namespaces', object: warned });
  const warning = 'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)';

  test('a Pod, each time', () => {
    const spec = podSpec({ hostNetwork: true });
    for (const name of ['a', 'b'])
      expect(
        cluster.call({ verb: 'create', resource: 'pods', namespace: 'n', object: pod(name, {}, spec) }),
      ).toMatchObject({ ok: true, warnings: [warning] });
  });

  test('a Deployment, created or updated', () => {
    cluster.object({ verb: 'create', resource: 'deployments', namespace: 'n', object: deployment('d') });
    const patch = { spec: { template: { spec: { hostNetwork: true } } } };
    expect(
      cluster.call({
        verb: 'patch',
        resource: 'deployments',
        namespace: 'n',
        name: 'd',
        patchType: 'merge',
        patch,
      }),
    ).toMatchObject({ ok: true, warnings: [warning] });
  });
});
