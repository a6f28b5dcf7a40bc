/**
 * Aim: one wrong thing is one line, as Kubernetes 1.34 prints it. Method: tables, each line taken from the validation.go of
 * its group (pkg/apis/{storage,discovery,scheduling,core,admissionregistration,policy,apps,batch}/validation).
 */
import { describe, expect, test } from 'vitest';
import { onCreate, onUpdate, type Parts } from './verdict.ts';

const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const zones = (...values: readonly string[]): Parts => ({ matchLabelExpressions: [{ key: 'zone', values }] });
const driver = { name: 'd.example.com', nodeID: 'n' };
const hook = {
  name: 'a.b.c',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const slice = (endpoint: Parts): Parts => ({
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }],
});
const nine = Array.from({ length: 9 }, (_, i) => ({ name: `n${i}` }));
const scoped = (...matchExpressions: readonly Parts[]): Parts => ({
  spec: { hard: { pods: '1' }, scopeSelector: { matchExpressions } },
});

describe('created', () => {
  test.each<[string, Parts, readonly string[]]>([
    ['storage.k8s.io/v1/StorageClass', {}, ['provisioner: Required value']],
    [
      'storage.k8s.io/v1/StorageClass',
      { provisioner: '-X' },
      [`provisioner: Invalid value: "-x": ${qualified}`],
    ],
    [
      'storage.k8s.io/v1/StorageClass',
      { provisioner: 'p', reclaimPolicy: 'Recycle', volumeBindingMode: 'Late' },
      [
        'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        'volumeBindingMode: Unsupported value: "Late": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    ],
    [
      'storage.k8s.io/v1/StorageClass',
      { provisioner: 'p', allowedTopologies: [zones('a', 'b'), zones('b', 'a')] },
      ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
    ],
    [
      'storage.k8s.io/v1/StorageClass',
      { provisioner: 'p', allowedTopologies: [{}] },
      ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
    ],
    [
      'storage.k8s.io/v1/StorageClass',
      { provisioner: 'p', allowedTopologies: [zones('a', 'a'), zones()] },
      [
        'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
        'allowedTopologies[1].matchLabelExpressions[0].values: Required value',
      ],
    ],
    [
      'v1/Pod',
      {
        spec: {
          containers: [
            {
              name: 'c',
              image: 'i',
              env: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } }],
            },
          ],
          preemptionPolicy: '',
        },
      },
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
        'spec.preemptionPolicy: Required value',
      ],
    ],
    [
      'v1/Node',
      { spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }, status: { capacity: { pods: '1.5' } } },
      [
        'status.capacity.pods: Invalid value: "1500m": must be an integer',
        'status.allocatable.pods: Invalid value: "1500m": must be an integer',
        'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
      ],
    ],
    [
      'v1/Node',
      { spec: { podCIDRs: ['x', 'fd00::/64'] } },
      [
        'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:failed to parse cidr value:"x" with error:invalid CIDR address: x',
        'spec.podCIDRs: Invalid value: ["x","fd00::/64"]: may specify no more than one CIDR for each IP family',
      ],
    ],
    [
      'v1/Secret',
      { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
      ['data[ssh-privatekey]: Required value'],
    ],
    [
      'v1/Secret',
      { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': '' } },
      ['data[.dockercfg]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
    ],
    [
      'v1/Secret',
      { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa('[]') } },
      [
        'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
      ],
    ],
    [
      'networking.k8s.io/v1/Ingress',
      { spec: { rules: [{ http: { paths: [{ path: '/', backend: {} }] } }] } },
      ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    ],
    [
      'rbac.authorization.k8s.io/v1/ClusterRole',
      {
        aggregationRule: {
          clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }],
        },
      },
      [
        "aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
      ],
    ],
    [
      'v1/Pod',
      {
        spec: {
          containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'A-' } }] }],
        },
      },
      [],
    ],
    [
      'batch/v1/CronJob',
      { spec: { schedule: '* * * * *' } },
      [
        'spec.jobTemplate.spec.template.spec.containers: Required value',
        'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      ],
    ],
    ['storage.k8s.io/v1/CSIDriver', { metadata: { name: 'a'.repeat(64) }, spec: {} }, []],
    [
      'storage.k8s.io/v1/CSIDriver',
      {
        spec: { fsGroupPolicy: 'Any', volumeLifecycleModes: ['Long'], nodeAllocatableUpdatePeriodSeconds: 9 },
      },
      [
        'spec.fsGroupPolicy: Unsupported value: "Any": supported values: "File", "None", "ReadWriteOnceWithFSType"',
        'spec.volumeLifecycleModes: Unsupported value: "Long": supported values: "Persistent", "Ephemeral"',
        'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
      ],
    ],
    [
      'storage.k8s.io/v1/CSIDriver',
      {
        spec: {
          tokenRequests: [
            { audience: '', expirationSeconds: 1 },
            { audience: '', expirationSeconds: 1 },
          ],
        },
      },
      [
        'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
        'spec.tokenRequests[1].audience: Duplicate value: ""',
      ],
    ],
    [
      'storage.k8s.io/v1/CSINode',
      { spec: { drivers: [{ ...driver, nodeID: '', topologyKeys: ['a', 'a'] }, driver] } },
      [
        'spec.drivers[0].nodeID: Required value',
        'spec.drivers[0]: Duplicate value: "a"',
        'spec.drivers[1].name: Duplicate value: "d.example.com"',
      ],
    ],
    [
      'discovery.k8s.io/v1/EndpointSlice',
      slice({ hints: { forZones: [{ name: 'Zone_A' }, { name: 'Zone_A' }] } }),
      ['endpoints[0].hints.forZones[1].name: Duplicate value: "Zone_A"'],
    ],
    [
      'discovery.k8s.io/v1/EndpointSlice',
      slice({ hints: { forNodes: [{ name: 'N' }] } }),
      [`endpoints[0].hints.forNodes[0].name: Invalid value: "N": ${subdomain}`],
    ],
    [
      'discovery.k8s.io/v1/EndpointSlice',
      slice({ hints: { forZones: nine } }),
      ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
    ],
    [
      'discovery.k8s.io/v1/EndpointSlice',
      slice({ addresses: [] }),
      ['endpoints[0].addresses: Required value: must contain at least 1 address'],
    ],
    [
      'scheduling.k8s.io/v1/PriorityClass',
      { value: 1_000_000_001 },
      ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ],
    [
      'scheduling.k8s.io/v1/PriorityClass',
      { metadata: { name: 'system-mine' }, value: 1 },
      [
        "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
      ],
    ],
    [
      'v1/ResourceQuota',
      { spec: { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] } },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      'v1/ResourceQuota',
      {
        spec: {
          hard: { cpu: '1' },
          scopeSelector: { matchExpressions: [{ scopeName: 'BestEffort', operator: 'Exists' }] },
        },
      },
      [
        'spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"Exists","Values":null}]}: unsupported scope applied to resource',
      ],
    ],
    [
      'v1/ResourceQuota',
      scoped({ scopeName: 'PriorityClass', operator: 'In' }),
      [
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    ],
    [
      'policy/v1/PodDisruptionBudget',
      { spec: { maxUnavailable: '101%', selector: {} } },
      ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      'policy/v1/PodDisruptionBudget',
      { spec: { minAvailable: 1, unhealthyPodEvictionPolicy: 'Never' } },
      [
        'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
      ],
    ],
    ...webhooks(),
  ])('%s %j', (type, parts, expected) => {
    expect(onCreate(type, parts)).toEqual(expected);
  });
});

function webhooks(): readonly [string, Parts, readonly string[]][] {
  const at = 'webhooks[0].clientConfig';
  const reached = (clientConfig: Parts): Parts => ({ webhooks: [{ ...hook, clientConfig }] });
  const by = (path: string): Parts => reached({ service: { name: 's', namespace: 'n', path } });
  const form = 'desired format: https://host[/path]';
  return (
    [
      [reached({}), [`${at}: Required value: exactly one of url or service is required`]],
      [
        reached({ url: 'http://h' }),
        [`${at}.url: Invalid value: "http": 'https' is the only allowed URL scheme; ${form}`],
      ],
      [
        reached({ url: 'https://u:p@h/?q=1#f' }),
        [
          `${at}.url: Invalid value: "u:p": user information is not permitted in the URL`,
          `${at}.url: Invalid value: "f": fragments are not permitted in the URL`,
          `${at}.url: Invalid value: "q=1": query parameters are not permitted in the URL`,
        ],
      ],
      [by(''), []],
      [by('/a/'), []],
      [by('//'), [`${at}.service.path: Invalid value: "//": segment[0] may not be empty`]],
      [by('/a//b'), [`${at}.service.path: Invalid value: "/a//b": segment[1] may not be empty`]],
      [by('/A'), [`${at}.service.path: Invalid value: "/A": segment[0]: ${subdomain}`]],
    ] satisfies readonly (readonly [Parts, readonly string[]])[]
  ).map(([parts, expected]) => [
    'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration',
    parts,
    expected,
  ]);
}

const template = (image: string, more: Parts = {}): Parts => ({
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image }], ...more },
});
const selector = { matchLabels: { a: 'b' } };
const set = (spec: Parts): Parts => ({
  spec: { selector, serviceName: 's', template: template('i'), ...spec },
});

describe('updated', () => {
  test.each<[string, Parts, Parts, readonly string[]]>([
    [
      'storage.k8s.io/v1/StorageClass',
      { provisioner: 'p', parameters: { a: '1' } },
      {
        provisioner: 'q',
        parameters: { a: '2' },
        reclaimPolicy: 'Retain',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
      [
        'parameters: Forbidden: updates to parameters are forbidden.',
        'provisioner: Forbidden: updates to provisioner are forbidden.',
        'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
      ],
    ],
    [
      'storage.k8s.io/v1/CSIDriver',
      { spec: { attachRequired: true } },
      { spec: { attachRequired: false, podInfoOnMount: true } },
      ['spec.attachedRequired: Invalid value: false: field is immutable'],
    ],
    [
      'storage.k8s.io/v1/CSINode',
      { spec: { drivers: [{ ...driver, allocatable: { count: 1 } }] } },
      { spec: { drivers: [{ ...driver, allocatable: { count: 2 } }] } },
      [],
    ],
    [
      'storage.k8s.io/v1/CSINode',
      { spec: { drivers: [driver] } },
      { spec: { drivers: [{ ...driver, nodeID: 'm' }] } },
      [
        'spec.drivers: Invalid value: {"Name":"d.example.com","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable',
      ],
    ],
    [
      'scheduling.k8s.io/v1/PriorityClass',
      { value: 1 },
      { value: 2, preemptionPolicy: 'Never' },
      [
        'value: Forbidden: may not be changed in an update.',
        'preemptionPolicy: Invalid value: "Never": field is immutable',
      ],
    ],
    [
      'v1/Node',
      { spec: { podCIDRs: ['10.0.0.0/24', 'fd00::/64'], providerID: 'a' } },
      { spec: { podCIDRs: ['10.0.1.0/24', 'fd01::/64'], providerID: 'b', externalID: 'c' } },
      [
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
        'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
        'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
        'spec.externalID: Forbidden: may not be updated',
      ],
    ],
    [
      'v1/ResourceQuota',
      { spec: { scopes: ['Terminating'] } },
      { spec: {} },
      ['spec.scopes: Invalid value: null: field is immutable'],
    ],
    ['apps/v1/StatefulSet', set({ replicas: 1 }), set({ replicas: 2, template: template('j') }), []],
    [
      'apps/v1/StatefulSet',
      set({}),
      set({ serviceName: 't' }),
      [
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ],
    ],
    [
      'apps/v1/Deployment',
      { spec: { selector, template: template('i') } },
      {
        spec: { selector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] }, template: template('i') },
      },
      [
        'spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Exists"}]}: field is immutable',
      ],
    ],
    [
      'v1/ConfigMap',
      { immutable: true, data: { a: '1' } },
      { immutable: true, data: { a: '2' } },
      ['data: Forbidden: field is immutable when `immutable` is set'],
    ],
    [
      'v1/Pod',
      { spec: { containers: [{ name: 'c', image: 'i' }], activeDeadlineSeconds: 5 } },
      { spec: { containers: [{ name: 'c', image: 'i' }], activeDeadlineSeconds: 6 } },
      ['spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value'],
    ],
    [
      'v1/Pod',
      { spec: { containers: [{ name: 'c', image: 'i' }] } },
      {
        spec: {
          containers: [
            { name: 'c', image: 'i' },
            { name: 'd', image: 'i' },
          ],
        },
      },
      ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
  ])('%s %j -> %j', (type, before, next, expected) => {
    expect(onUpdate(type, before, next)).toEqual(expected);
  });
});
