/**
 * The ConfigMaps and Secrets that a Pod takes files and environment from. The kubelet asks for them before it makes the
 * sandbox; a volume whose source is missing keeps the Pod from having one, a variable keeps its container from being made, and
 * it asks again. A source that is marked optional may be missing.
 * (kubernetes v1.34.1 pkg/kubelet/volumemanager, kubelet_pods.go makeEnvironmentVariables, pkg/volume/configmap, secret, projected)
 */
import type { Container, PodSpec, Volume } from '../api/generated/types.ts';

/** What must be there for a file or a variable. */
export interface Need {
  readonly resource: 'configmaps' | 'secrets';
  readonly name: string;
  readonly keys: readonly string[];
  readonly optional: boolean;
}

export interface VolumeNeeds {
  readonly volume: string;
  readonly isProjected: boolean;
  readonly needs: readonly Need[];
}

/** Of an object that was asked for: its keys, or why there are none. */
export type Found =
  | { readonly keys: readonly string[]; readonly error?: undefined }
  | { readonly error: string; readonly isMissing: boolean };

/** What was answered, by resource and name. */
export type FoundSources = Readonly<Record<string, Found>>;

export const sourceKey = ({ resource, name }: Pick<Need, 'resource' | 'name'>): string =>
  `${resource}/${name}`;

/** The volumes whose files come from ConfigMaps and Secrets. */
export function volumeNeedsOf({ volumes = [] }: PodSpec): readonly VolumeNeeds[] {
  return volumes.flatMap((volume): readonly VolumeNeeds[] => {
    const needs = needsOfVolume(volume);
    return needs.length === 0
      ? []
      : [{ volume: volume.name, isProjected: volume.projected !== undefined, needs }];
  });
}

function needsOfVolume({ configMap, secret, projected }: Volume): readonly Need[] {
  if (configMap !== undefined) return [need('configmaps', configMap.name, configMap)];
  if (secret !== undefined) return [need('secrets', secret.secretName, secret)];
  return (projected?.sources ?? []).flatMap((source) => [
    ...(source.secret === undefined ? [] : [need('secrets', source.secret.name, source.secret)]),
    ...(source.configMap === undefined ? [] : [need('configmaps', source.configMap.name, source.configMap)]),
  ]);
}

interface Files {
  readonly items?: readonly { readonly key: string }[] | undefined;
  readonly optional?: boolean | undefined;
}

const need = (resource: Need['resource'], name = '', { items = [], optional = false }: Files): Need => ({
  resource,
  name,
  keys: items.map(({ key }) => key),
  optional,
});

/** What a container's environment comes from: whole objects first, then single keys, in the order they are written. */
export function envNeedsOf({ env = [], envFrom = [] }: Container): readonly Need[] {
  const whole = envFrom.flatMap(({ configMapRef, secretRef }) => [
    ...(configMapRef === undefined ? [] : [need('configmaps', configMapRef.name, configMapRef)]),
    ...(secretRef === undefined ? [] : [need('secrets', secretRef.name, secretRef)]),
  ]);
  const single = env.flatMap(({ valueFrom: { configMapKeyRef, secretKeyRef } = {} }) => [
    ...(configMapKeyRef === undefined
      ? []
      : [{ ...need('configmaps', configMapKeyRef.name, configMapKeyRef), keys: [configMapKeyRef.key] }]),
    ...(secretKeyRef === undefined
      ? []
      : [{ ...need('secrets', secretKeyRef.name, secretKeyRef), keys: [secretKeyRef.key] }]),
  ]);
  return [...whole, ...single];
}

/** Why a volume cannot be set up; undefined: it can. A projected one tells all that is wrong. */
export function volumeProblem(
  { volume, isProjected, needs }: VolumeNeeds,
  found: FoundSources,
): string | undefined {
  const errors = needs.flatMap((each) => missingOf(each, found) ?? missingFile(each, found) ?? []);
  const [first] = errors;
  if (first === undefined) return undefined;
  const why = isProjected && errors.length > 1 ? `[${errors.join(', ')}]` : first;
  return `MountVolume.SetUp failed for volume "${volume}" : ${why}`;
}

/** Why a container's environment cannot be made: the first reason. */
export function envProblem(
  needs: readonly Need[],
  namespace: string,
  found: FoundSources,
): string | undefined {
  for (const each of needs) {
    const why = missingOf(each, found) ?? missingKey(each, namespace, found);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The object itself. */
function missingOf(each: Need, found: FoundSources): string | undefined {
  const source = found[sourceKey(each)];
  if (source?.error === undefined || (source.isMissing && each.optional)) return undefined;
  return source.error;
}

function lacking({ keys, optional, ...each }: Need, found: FoundSources): string | undefined {
  const source = found[sourceKey(each)];
  return optional || source?.error !== undefined
    ? undefined
    : keys.find((key) => source?.keys.includes(key) !== true);
}

function missingFile(each: Need, found: FoundSources): string | undefined {
  const key = lacking(each, found);
  if (key === undefined) return undefined;
  return each.resource === 'secrets'
    ? `references non-existent secret key: ${key}`
    : `configmap references non-existent config key: ${key}`;
}

function missingKey(each: Need, namespace: string, found: FoundSources): string | undefined {
  const key = lacking(each, found);
  const kind = each.resource === 'secrets' ? 'Secret' : 'ConfigMap';
  return key === undefined ? undefined : `couldn't find key ${key} in ${kind} ${namespace}/${each.name}`;
}
