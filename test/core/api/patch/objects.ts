/** Objects for properties of patches: small, so that two of them share parts, and without two items of one key. */
import fc from 'fast-check';
import type { Json } from '../../../../core/api/generated/types.ts';

const text = fc.constantFrom('a', 'b', 'c');
const labels = fc.dictionary(text, fc.constantFrom('1', '2'), { maxKeys: 3 });
const someOf = (...values: readonly string[]): fc.Arbitrary<string[]> =>
  fc.shuffledSubarray([...values], { minLength: 0 });

const keyed = (field: string, item: fc.Arbitrary<object>): fc.Arbitrary<Json> =>
  fc
    .tuple(someOf('a', 'b', 'c', 'd'), fc.array(item, { minLength: 4, maxLength: 4 }))
    .map(([keys, items]) => keys.map((key, i) => ({ [field]: key, ...items[i] })) as Json);

const optional = <T extends object>(fields: {
  readonly [K in keyof T]: fc.Arbitrary<T[K]>;
}): fc.Arbitrary<Json> => fc.record(fields, { requiredKeys: [] }) as unknown as fc.Arbitrary<Json>;

const metadata = fc
  .tuple(optional({ labels, finalizers: someOf('f/a', 'f/b', 'f/c'), annotations: labels }))
  .map(([fields]) => ({ name: 'x', ...(fields as object) }) as Json);

const container = optional({
  image: text,
  command: fc.array(text, { maxLength: 2 }),
  env: keyed('name', fc.record({ value: text })),
  volumeMounts: keyed('mountPath', fc.record({ name: text })),
  resources: optional({ limits: labels }),
}) as fc.Arbitrary<object>;

/** A volume is of one kind: the strategy of the list is `merge,retainKeys`. */
const volume = fc.oneof(
  fc.constant({ emptyDir: {} }),
  text.map((secretName) => ({ secret: { secretName } })),
  text.map((path) => ({ hostPath: { path } })),
);

const podSpec = optional({
  containers: keyed('name', container),
  volumes: keyed('name', volume),
  nodeSelector: labels,
  tolerations: fc.array(fc.record({ key: text }), { maxLength: 2 }),
  terminationGracePeriodSeconds: fc.nat(2),
});

const object = (apiVersion: string, kind: string, spec: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.record({
    apiVersion: fc.constant(apiVersion),
    kind: fc.constant(kind),
    metadata,
    spec,
  }) as fc.Arbitrary<Json>;

export const pods = object('v1', 'Pod', podSpec);

const port = fc
  .shuffledSubarray([80, 81, 90])
  .chain((ports) => fc.constant(ports.map((number) => ({ port: number }))));

export const services = object(
  'v1',
  'Service',
  optional({
    ports: port as fc.Arbitrary<Json>,
    selector: labels,
    externalIPs: someOf('1.1.1.1', '2.2.2.2'),
  }),
);

const strategy = fc.oneof(
  fc.constant({ type: 'Recreate' }),
  fc.nat(2).map((maxSurge) => ({ type: 'RollingUpdate', rollingUpdate: { maxSurge } })),
);

export const deployments = object(
  'apps/v1',
  'Deployment',
  optional({
    replicas: fc.nat(2),
    strategy,
    template: fc.record({ metadata, spec: podSpec }) as fc.Arbitrary<Json>,
  }),
);
