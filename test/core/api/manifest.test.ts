/**
 * Aim: what a person gets wrong is found with its place and the name that was meant; and what is shared stays shared on
 * the way of 150,000 Pods through defaults and validation.
 */
import { describe, expect, it } from 'vitest';
import { undecodable } from '../../../core/api/decoding.ts';
import { withDefaults } from '../../../core/api/defaults.ts';
import type { Pod, ReplicaSet } from '../../../core/api/generated/types.ts';
import { resourceNamed, type ResourceInfo } from '../../../core/api/kinds.ts';
import { nearest } from '../../../core/api/nearest.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { checkShape } from '../../../core/api/schema.ts';
import { alreadyExists, conflict, forbiddenStatus, invalid, notFound } from '../../../core/api/status.ts';
import {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  requirementsOf,
} from '../../../core/api/selector.ts';
import { validateCreate, validateUpdate } from '../../../core/api/validate.ts';

const infoOf = (resource: string): ResourceInfo => {
  const info = resourceNamed(resource);
  if (info === undefined) throw new Error(`no resource ${resource}`);
  return info;
};

const deployment = (spec: object): NewObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec,
  }) as NewObject;

describe('the shape of a manifest', () => {
  it.each<[object, string, string | undefined]>([
    [deployment({ replica: 3 }), 'unknown field "spec.replica"', 'replicas'],
    [
      deployment({ template: { spec: { contaniers: [] } } }),
      'unknown field "spec.template.spec.contaniers"',
      'containers',
    ],
    [deployment({ replicas: 'three' }), 'spec.replicas: expected an integer, found text "three"', undefined],
    [deployment({ replicas: 1.5 }), 'spec.replicas: expected an integer, found number 1.5', undefined],
    [deployment({ template: [] }), 'spec.template: expected an object, found a list', undefined],
    [
      deployment({ selector: { matchLabels: { a: 1 } } }),
      'spec.selector.matchLabels.a: expected text, found number 1',
      undefined,
    ],
    [{ apiVersion: 'apps/v1', kind: 'Deploymnet' }, 'unknown kind "Deploymnet" in "apps/v1"', 'Deployment'],
    [{ apiVersion: 'v1', kind: 'Deployment' }, 'no kind "Deployment" in "v1"; it is in apps/v1', 'apps/v1'],
    [{ kind: 'Pod' }, 'apiVersion is missing', undefined],
    [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: null, data: { constructor: 'x', __proto__: null } },
      '',
      undefined,
    ],
  ])('%j: %s', (manifest, message, near) => {
    const [first] = checkShape(manifest);
    expect(first?.message ?? '').toBe(message);
    expect(first?.nearest).toBe(near);
  });

  it('is told to a client as the decoder tells it', () => {
    const status = undecodable(infoOf('deployments'), checkShape(deployment({ replicas: '3', foo: 1 })));
    expect(status).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    });
  });

  it('a name is suggested when it is near, and none when it is not', () => {
    expect(nearest('relpicas', ['replicas', 'selector'])).toBe('replicas');
    expect(nearest('xyz', ['replicas', 'selector'])).toBeUndefined();
  });
});

describe('statuses', () => {
  it('say what Kubernetes says', () => {
    const error = {
      type: 'Invalid value',
      field: 'spec.replicas',
      badValue: -1,
      detail: 'must be greater than or equal to 0',
    } as const;
    const missing = { type: 'Required value', field: 'spec.selector', detail: '' } as const;
    expect([
      notFound('pods', 'a').message,
      alreadyExists('deployments', 'web').message,
      conflict('pods', 'a').message,
      invalid('deployments', 'web', [missing, error]).message,
      forbiddenStatus('pods', 'a', 'no').message,
    ]).toEqual([
      'pods "a" not found',
      'deployments.apps "web" already exists',
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
      'Deployment.apps "web" is invalid: [spec.selector: Required value, spec.replicas: Invalid value: -1: must be greater than or equal to 0]',
      'pods "a" is forbidden: no',
    ]);
    expect(invalid('deployments', 'web', [missing]).details).toEqual({
      name: 'web',
      group: 'apps',
      kind: 'Deployment',
      causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' }],
    });
  });
});

describe('the Pods of one template', () => {
  const set = withDefaults({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx', resources: { limits: { cpu: '1' } } }] },
      },
    },
  } as NewObject) as unknown as ReplicaSet;
  const made = (name: string): Pod =>
    withDefaults({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: 'web' } },
      spec: set.spec.template?.spec,
    } as NewObject) as unknown as Pod;

  it('share one spec, which has what only Pods get', () => {
    expect(made('a').spec).toBe(made('b').spec);
    expect(made('a').spec.enableServiceLinks).toBe(true);
    expect(made('a').spec.containers[0]?.resources).toEqual({ limits: { cpu: '1' }, requests: { cpu: '1' } });
    expect(set.spec.template?.spec?.containers[0]?.resources).toEqual({ limits: { cpu: '1' } });
  });

  it('are found right once, and their names each time', () => {
    const pods = infoOf('pods');
    expect(validateCreate(pods, made('a'))).toEqual([]);
    expect(validateCreate(pods, made('b'))).toEqual([]);
    expect(validateCreate(pods, made('Not_A_Name')).map((error) => error.field)).toEqual(['metadata.name']);
    expect(
      validateUpdate(pods, { ...made('a'), status: { phase: 'Running' } } as NewObject, made('a')),
    ).toEqual([]);
  });

  it('keep their containers when they are bound', () => {
    const pod = made('a');
    const bound = withDefaults({ ...pod, spec: { ...pod.spec, nodeName: 'node-1' } });
    expect(bound.spec.containers).toBe(pod.spec.containers);
    const onNode = parseFieldSelector('pods', 'spec.nodeName=node-1');
    if ('error' in onNode) throw new Error(onNode.error);
    expect([bound, pod].map((one) => matchesFields(onNode, one))).toEqual([true, false]);
  });

  it('match by labels of their own, not by what every object inherits', () => {
    const inherited = requirementsOf({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] });
    expect(matchesLabels(inherited, { app: 'web' })).toBe(false);
    expect(matchesLabels(requirementsOf({}), undefined)).toBe(true);
    expect(matchesLabels(requirementsOf(undefined), { app: 'web' })).toBe(false);
  });
});
