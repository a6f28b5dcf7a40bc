/**
 * Fields of Pods whose feature gates are off in Kubernetes 1.34: what is written there is dropped before it is validated.
 * Remembered by identity, so the Pods of one template are looked at once. (kubernetes v1.34.1 pkg/api/pod/util.go)
 */
import type { Container, PodSpec } from '../../api/generated/types.ts';
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

/** The same for the template at `spec.template`. */
export function withoutGatedTemplate(object: Stored): Stored {
  const template = object.spec?.['template'] as { readonly spec?: PodSpec } | undefined;
  if (template?.spec === undefined) return object;
  const spec = withoutGated(template.spec);
  return spec === template.spec
    ? object
    : { ...object, spec: { ...object.spec, template: { ...template, spec } } as Fields };
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
  for (const part of ['containers', 'initContainers'] as const) {
    const list = result[part] as readonly Container[] | undefined;
    const kept = list?.map((container) => withoutGatedFields(container, images, part === 'containers'));
    if (kept !== undefined && kept.some((container, i) => container !== list?.[i]))
      result = { ...result, [part]: kept };
  }
  return result;
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
