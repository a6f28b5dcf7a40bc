/**
 * Fields of Pods whose feature gates are off in Kubernetes 1.34: what is written there is dropped before it is validated.
 * Remembered by identity, so the Pods of one template are looked at once. (kubernetes v1.34.1 pkg/api/pod/util.go)
 */
import type { Container, PodSpec, Volume, VolumeProjection } from '../../api/generated/types.ts';
import type { Fields, Stored } from './stored.ts';

const checked = new WeakMap<PodSpec, PodSpec>();

/** The spec without what is behind a gate that is off. */
export function withoutGated(spec: PodSpec): PodSpec {
  let found = checked.get(spec);
  if (found === undefined) {
    found = drop(spec);
    checked.set(spec, found);
    checked.set(found, found);
  }
  return found;
}

/** The same for the spec of a Pod's template, which lies at a path in what makes Pods. */
export const withoutGatedAt =
  (...path: readonly string[]) =>
  (object: Stored): Stored =>
    mapAt(object, path) as Stored;

function mapAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (step === undefined) return withoutGated(value as PodSpec);
  const inner = (value as Fields)[step];
  const kept = mapAt(inner, rest);
  return kept === inner ? value : { ...value, [step]: kept };
}

function drop(spec: PodSpec): PodSpec {
  const images = new Set(
    (spec.volumes ?? []).filter((volume) => volume.image !== undefined).map(({ name }) => name),
  );
  let result = spec;
  if (images.size > 0) {
    const volumes = (spec.volumes ?? []).filter(({ name }) => !images.has(name));
    const { volumes: _, ...rest } = result;
    result = volumes.length === 0 ? rest : { ...rest, volumes };
  }
  if (result.hostnameOverride !== undefined) {
    const { hostnameOverride: _, ...rest } = result;
    result = rest;
  }
  if (result.volumes?.some(({ projected }) => projected?.sources?.some(isGatedSource)) === true)
    result = { ...result, volumes: result.volumes.map(withoutGatedSources) };
  for (const part of ['containers', 'initContainers'] as const) {
    const list = result[part] as readonly Container[] | undefined;
    const kept = list?.map((container) => withoutGatedFields(container, images, part === 'containers'));
    if (kept !== undefined && kept.some((container, i) => container !== list?.[i]))
      result = { ...result, [part]: kept };
  }
  return result;
}

/** ClusterTrustBundleProjection and PodCertificateRequest. */
const isGatedSource = ({ clusterTrustBundle, podCertificate }: VolumeProjection): boolean =>
  clusterTrustBundle !== undefined || podCertificate !== undefined;

/** A source that was nothing else is left empty. */
function withoutGatedSources(volume: Volume): Volume {
  const { projected } = volume;
  if (projected?.sources?.some(isGatedSource) !== true) return volume;
  const sources = projected.sources.map(
    ({ clusterTrustBundle: _bundle, podCertificate: _certificate, ...source }) => source,
  );
  return { ...volume, projected: { ...projected, sources } };
}

/** ImageVolume, ContainerRestartRules and ContainerStopSignals: only a sidecar has a restart policy of its own. */
function withoutGatedFields(container: Container, images: ReadonlySet<string>, isMain: boolean): Container {
  let result = container;
  if (container.volumeMounts?.some(({ name }) => images.has(name)) === true)
    result = { ...result, volumeMounts: container.volumeMounts.filter(({ name }) => !images.has(name)) };
  if (container.restartPolicy !== undefined && (isMain || container.restartPolicy !== 'Always')) {
    const { restartPolicy: _, ...rest } = result;
    result = rest;
  }
  if (container.restartPolicyRules !== undefined) {
    const { restartPolicyRules: _, ...rest } = result;
    result = rest;
  }
  if (container.lifecycle?.stopSignal !== undefined) {
    const { stopSignal: _, ...lifecycle } = container.lifecycle;
    result = { ...result, lifecycle };
  }
  return result;
}
