/**
 * What server-side apply knows of a kind: its type in each version, what an empty object of it is, and what each of its endpoints
 * resets on every write, so that nobody comes to own it.
 */
import { toStoredVersion, toVersion } from '../conversion.ts';
import { definitions } from '../generated/schemas.ts';
import { apiVersionOf, definitionIn, versionsOf, type ResourceInfo } from '../kinds.ts';
import type { NewObject } from '../request.ts';
import { fieldType } from '../schema.ts';
import { fieldSetOf, noFields, type FieldSet } from './field-set.ts';
import type { MapType } from './merge-type.ts';
import { mergeTypeOfKind } from './merge-type-of-kind.ts';
import type { Tree, TreeFields } from './tree.ts';

export interface ObjectSchema {
  /** The version of the request, in which objects come and go. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The type in a version; undefined for one that is served no more. */
  readonly typeIn: (apiVersion: string) => MapType | undefined;
  readonly convert: (object: Tree, apiVersion: string) => Tree;
  /** What Go writes of an object nobody has said anything of. */
  readonly empty: TreeFields;
  /** What a write to the object or to a subresource never keeps. */
  readonly resets: (subresource: string | undefined) => FieldSet;
}

/** The schema of one of Kubernetes' own kinds; undefined for a kind without a definition. */
export function objectSchemaOf(
  info: ResourceInfo,
  apiVersion = apiVersionOf(info),
): ObjectSchema | undefined {
  if (mergeTypeOfKind(info, apiVersion) === undefined) return undefined;
  const key = `${apiVersion}/${info.kind}`;
  let schema = schemas.get(key);
  if (schema === undefined) {
    const served = versionsOf(info);
    schema = {
      apiVersion,
      kind: info.kind,
      typeIn: (version) => (served.includes(version) ? mergeTypeOfKind(info, version) : undefined),
      convert: (object, version) =>
        toVersion(toStoredVersion(object as unknown as NewObject), version) as unknown as Tree,
      empty: emptyOf(definitionIn(info, apiVersion) ?? ''),
      resets: resetsOf(info),
    };
    schemas.set(key, schema);
  }
  return schema;
}

const schemas = new Map<string, ObjectSchema>();

/** The status strategies reset the spec, and some more than that. (kubernetes v1.34.1 pkg/registry, GetResetFields) */
function resetsOf(info: ResourceInfo): ObjectSchema['resets'] {
  const status = fieldSetOf(['spec'], ...(resetByStatus[info.kind] ?? []));
  const object = info.hasStatus ? fieldSetOf(['status']) : noFields;
  return (subresource) => (subresource === 'status' ? status : object);
}

const resetByStatus: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Pod: [
    ['metadata', 'deletionTimestamp'],
    ['metadata', 'ownerReferences'],
  ],
  Deployment: [['metadata', 'labels']],
  CustomResourceDefinition: [['metadata']],
  ValidatingAdmissionPolicy: [['metadata']],
};

/** Optional structs that Go holds by value, and therefore always writes. */
const heldByValue: ReadonlySet<string> = new Set([
  'Container.resources',
  'CustomResourceDefinitionStatus.acceptedNames',
  'DaemonSetSpec.updateStrategy',
  'DeploymentSpec.strategy',
  'Endpoint.conditions',
  'EphemeralContainer.resources',
  'Event.source',
  'IngressStatus.loadBalancer',
  'JobTemplateSpec.metadata',
  'JobTemplateSpec.spec',
  'NodeDaemonEndpoints.kubeletEndpoint',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'PersistentVolumeClaimSpec.resources',
  'PodTemplate.template',
  'PodTemplateSpec.metadata',
  'PodTemplateSpec.spec',
  'ReplicaSetSpec.template',
  'ServiceStatus.loadBalancer',
  'StatefulSetSpec.updateStrategy',
]);

const rootStructs: ReadonlySet<string> = new Set(['metadata', 'spec', 'status']);

/** Structs by value with what is in them, and the fields that are written even when they are empty. */
function emptyOf(definition: string, root = true): TreeFields {
  const known = definitions[definition];
  const empty: TreeFields = {};
  for (const field of Object.keys(known?.fields ?? {})) {
    const type = fieldType(known?.fields[field] ?? '');
    const required = known?.required?.includes(field) === true;
    if (type.is === 'object') {
      const byValue = (root && rootStructs.has(field)) || heldByValue.has(`${definition}.${field}`);
      if (byValue || (required && type.name !== 'LabelSelector')) empty[field] = emptyOf(type.name, false);
      else if (required) empty[field] = null;
    } else if (required) empty[field] = type.is === 'scalar' ? (zeros[type.name] ?? null) : null;
  }
  return empty;
}

const zeros: Readonly<Record<string, Tree>> = { string: '', int32: 0, int64: 0, number: 0, boolean: false };
