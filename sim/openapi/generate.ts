/**
 * Writes core/api/generated/ from the Kubernetes 1.34 OpenAPI document: names, types, required fields,
 * enums and patch keys of the kinds wavetank knows, and everything they are made of. Facts only, no prose.
 *
 *     npx tsx sim/openapi/generate.ts path/to/swagger-1.34.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { patchKeysModule } from './patch-keys.ts';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/** The kinds of wavetank, by the package of their definition. */
const roots: readonly string[] = [
  ...[
    'Namespace',
    'Node',
    'Pod',
    'Service',
    'Endpoints',
    'ReplicationController',
    'ConfigMap',
    'Secret',
    'ServiceAccount',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Event',
    'LimitRange',
    'ResourceQuota',
    'PodTemplate',
    'Binding',
  ].map((kind) => `core.v1.${kind}`),
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision'].map(
    (kind) => `apps.v1.${kind}`,
  ),
  'batch.v1.Job',
  'batch.v1.CronJob',
  'autoscaling.v2.HorizontalPodAutoscaler',
  'autoscaling.v1.HorizontalPodAutoscaler',
  'autoscaling.v1.Scale',
  'policy.v1.PodDisruptionBudget',
  'policy.v1.Eviction',
  'discovery.v1.EndpointSlice',
  'coordination.v1.Lease',
  'scheduling.v1.PriorityClass',
  'storage.v1.StorageClass',
  'storage.v1.CSINode',
  'storage.v1.CSIDriver',
  'networking.v1.Ingress',
  'networking.v1.IngressClass',
  'networking.v1.NetworkPolicy',
  ...['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'].map((kind) => `rbac.v1.${kind}`),
  ...[
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
  ].map((kind) => `admissionregistration.v1.${kind}`),
]
  .map((name) => `io.k8s.api.${name}`)
  .concat('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition');

/** Definitions that are plain values on the wire. */
const scalars: Readonly<Record<string, { type: string; schema: string }>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'Quantity', schema: 'quantity' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'IntOrString', schema: 'intOrString' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { type: 'Time', schema: 'time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { type: 'MicroTime', schema: 'time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': { type: 'Json', schema: 'json' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'Json', schema: 'json' },
  ...apiextensionsScalars(),
};

/** What a schema of a custom resource holds in more than one form. */
function apiextensionsScalars(): Readonly<Record<string, { type: string; schema: string }>> {
  const group = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
  return {
    [`${group}.JSON`]: { type: 'Json', schema: 'json' },
    [`${group}.JSONSchemaPropsOrBool`]: { type: 'JSONSchemaProps | boolean', schema: 'schemaOrBool' },
    [`${group}.JSONSchemaPropsOrArray`]: {
      type: 'JSONSchemaProps | readonly JSONSchemaProps[]',
      schema: 'schemaOrArray',
    },
    [`${group}.JSONSchemaPropsOrStringArray`]: {
      type: 'JSONSchemaProps | readonly string[]',
      schema: 'schemaOrStrings',
    },
  };
}

const file = process.argv[2];
if (file === undefined) {
  console.error('usage: tsx sim/openapi/generate.ts SWAGGER.json');
  process.exit(2);
}
const definitions = (JSON.parse(readFileSync(file, 'utf8')) as { definitions: Record<string, Schema> })
  .definitions;

const definitionOf = (name: string): Schema => {
  const found = definitions[name];
  if (found === undefined) throw new Error(`no definition ${name}`);
  return found;
};
const reference = (schema: Schema): string | undefined => schema.$ref?.replace('#/definitions/', '');

/** Everything the roots are made of, in order of first mention. */
function closure(): readonly string[] {
  const found = new Set<string>();
  const visit = (schema: Schema): void => {
    const target = reference(schema);
    if (target !== undefined && scalars[target] === undefined && !found.has(target)) {
      found.add(target);
      visit(definitionOf(target));
    }
    for (const child of [
      schema.items,
      schema.additionalProperties,
      ...Object.values(schema.properties ?? {}),
    ])
      if (child !== undefined) visit(child);
  };
  for (const root of roots) visit({ $ref: `#/definitions/${root}` });
  return [...found];
}

/** One short name each: the kind's own, group and kind where two groups share it, kind and version where two versions do. */
function shortNames(all: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Map<string, string>();
  const names = new Map<string, string>();
  for (const full of all) {
    const parts = full.split('.');
    const plain = parts.at(-1) ?? full;
    const group = parts.at(-3) ?? '';
    const first = taken.get(plain);
    const inOtherVersion = first?.split('.').at(-3) === group;
    const qualified = inOtherVersion
      ? `${plain}${(parts.at(-2) ?? '').toUpperCase()}`
      : `${group.charAt(0).toUpperCase()}${group.slice(1)}${plain}`;
    const name = first === undefined ? plain : qualified;
    if (taken.has(name)) throw new Error(`two definitions want the name ${name}`);
    taken.set(name, full);
    names.set(full, name);
  }
  return names;
}

const all = closure();
const names = shortNames(all);
const nameOf = (full: string): string => names.get(full) ?? full;

function typeOf(schema: Schema): string {
  const target = reference(schema);
  if (target !== undefined) return scalars[target]?.type ?? nameOf(target);
  if (schema.type === 'array') return `readonly ${wrap(typeOf(schema.items ?? {}))}[]`;
  if (schema.additionalProperties !== undefined)
    return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string' || schema.type === 'boolean') return schema.type;
  return 'Json';
}
const wrap = (type: string): string => (/^readonly | /.test(type) ? `(${type})` : type);

function fieldSchemaOf(schema: Schema): string {
  const target = reference(schema);
  if (target !== undefined) return scalars[target]?.schema ?? nameOf(target);
  if (schema.type === 'array') {
    const key = schema['x-kubernetes-patch-merge-key'];
    const merge = schema['x-kubernetes-patch-strategy']?.includes('merge') === true ? `|${key ?? ''}` : '';
    return `[]${fieldSchemaOf(schema.items ?? {})}${merge}`;
  }
  if (schema.additionalProperties !== undefined) return `{}${fieldSchemaOf(schema.additionalProperties)}`;
  if (schema.type === 'integer') return schema.format === 'int64' ? 'int64' : 'int32';
  if (schema.type === 'number' || schema.type === 'boolean') return schema.type;
  if (schema.type === 'string') return schema.format === 'byte' ? 'bytes' : 'string';
  return 'json';
}

/** Fields every stored object of a kind has, whether or not the wire requires them. */
const alwaysThere: Readonly<Record<string, readonly string[]>> = {
  ObjectMeta: ['name', 'uid', 'resourceVersion', 'creationTimestamp'],
};
const isKind = (schema: Schema): boolean =>
  schema['x-kubernetes-group-version-kind'] !== undefined && schema.properties?.['metadata'] !== undefined;

function interfaceOf(full: string): string {
  const schema = definitionOf(full);
  const required = new Set([...(schema.required ?? []), ...(alwaysThere[nameOf(full)] ?? [])]);
  if (isKind(schema))
    for (const field of ['apiVersion', 'kind', 'metadata', 'spec', 'status']) required.add(field);
  const fields = Object.entries(schema.properties ?? {}).map(([field, value]) => {
    const gvk = schema['x-kubernetes-group-version-kind']?.[0];
    const literal =
      isKind(schema) && gvk !== undefined
        ? { kind: `'${gvk.kind}'`, apiVersion: `'${gvk.group === '' ? '' : `${gvk.group}/`}${gvk.version}'` }[
            field
          ]
        : undefined;
    const template = !isKind(schema) && reference(value)?.endsWith('.ObjectMeta') === true; // a template's metadata has no name yet
    const type = literal ?? (template ? 'Partial<ObjectMeta>' : typeOf(value));
    const key = /^[A-Za-z_$][\w$]*$/.test(field) ? field : `'${field}'`;
    return `  readonly ${key}${required.has(field) ? `: ${type}` : `?: ${type} | undefined`};`;
  });
  return `export interface ${nameOf(full)} {\n${fields.join('\n')}\n}`;
}

const banner =
  '// Generated by sim/openapi/generate.ts from the Kubernetes 1.34 OpenAPI document. Do not edit.\n\n';
writeFileSync(
  new URL('../../core/api/generated/types.ts', import.meta.url),
  `${banner}${[
    'export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };',
    '/** A quantity keeps its input text; see core/text/quantity.ts. */\nexport type Quantity = string;',
    'export type IntOrString = number | string;',
    '/** RFC 3339, seconds. */\nexport type Time = string;',
    '/** RFC 3339, microseconds. */\nexport type MicroTime = string;',
    ...all.map(interfaceOf),
  ].join('\n\n')}\n`,
);

const schemas = all.map((full) => {
  const schema = definitionOf(full);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([field, value]) => `'${field}': '${fieldSchemaOf(value)}'`,
  );
  const required =
    schema.required === undefined
      ? ''
      : `, required: [${schema.required.map((field) => `'${field}'`).join(', ')}]`;
  return `  ${nameOf(full)}: { fields: { ${fields.join(', ')} }${required} },`;
});
writeFileSync(
  new URL('../../core/api/generated/schemas.ts', import.meta.url),
  `${banner}/**
 * What each definition is made of. A field is \`string\`, \`int32\`, \`int64\`, \`number\`, \`boolean\`, \`bytes\`, \`time\`,
 * \`quantity\`, \`intOrString\`, \`json\`, the name of another definition, \`[]\` or \`{}\` before one (list, map of text), and
 * \`|key\` after a list that a strategic merge patch merges by that key (nothing after the bar: a set of values).
 */
export interface Definition {
  readonly fields: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
}

export const definitions: Readonly<Record<string, Definition>> = {
${schemas.join('\n')}
};
`,
);
writeFileSync(
  new URL('../../core/api/generated/patch-keys.ts', import.meta.url),
  `${banner}${patchKeysModule(definitions, all, nameOf)}`,
);
console.log(`${all.length} definitions`);
