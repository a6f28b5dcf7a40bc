/** Defaults of a container. (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go) */
import type {
  Container,
  ContainerPort,
  EnvVar,
  EphemeralContainer,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  Quantity,
  ResourceRequirements,
} from '../generated/types.ts';
import { quantityText, roundUpQuantity } from '../../text/quantity.ts';
import { fill, fillZero, mapField, mapList, setField } from './fill.ts';

export type AnyContainer = Container | EphemeralContainer;

const noResources: ResourceRequirements = {};

/** A container of a Pod or of a template with its defaults. */
export function withContainerDefaults<C extends AnyContainer>(container: C): C {
  let result: AnyContainer = container;
  result = fillZero(result, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent',
  });
  result = fill(result, { resources: noResources });
  result = mapField(result, 'resources', withResourceDefaults);
  result = mapField(result, 'ports', (ports) => mapList(ports, withPortDefaults));
  result = mapField(result, 'env', (env) => mapList(env, withEnvDefaults));
  result = mapField(result, 'livenessProbe', withProbeDefaults);
  result = mapField(result, 'readinessProbe', withProbeDefaults);
  result = mapField(result, 'startupProbe', withProbeDefaults);
  return mapField(result, 'lifecycle', withLifecycleDefaults) as C;
}

const imageName =
  /^(?:[A-Za-z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

const digest = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;

/** The image's tag is `latest`, said or meant. An image with a digest and no tag has none; nor has one that cannot be read. */
function isLatest(image: string): boolean {
  const at = image.indexOf('@');
  const named = at < 0 ? image : image.slice(0, at);
  if (at >= 0 && !digest.test(image.slice(at + 1))) return false;
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  if (!imageName.test(colon < 0 ? named : named.slice(0, colon))) return false;
  return colon < 0 ? at < 0 : named.slice(colon + 1) === 'latest';
}

const withPortDefaults = (port: ContainerPort): ContainerPort => fillZero(port, { protocol: 'TCP' });

const withEnvDefaults = (variable: EnvVar): EnvVar =>
  mapField(variable, 'valueFrom', (source) =>
    mapField(
      mapField(source, 'fieldRef', (reference) => fillZero(reference, { apiVersion: 'v1' })),
      'resourceFieldRef',
      (reference) => fill(reference, { divisor: '0' }),
    ),
  );

function withProbeDefaults(probe: Probe): Probe {
  let result = fillZero(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  result = mapField(result, 'httpGet', withHttpGetDefaults);
  return mapField(result, 'grpc', (grpc) => fill(grpc, { service: '' }));
}

const withHttpGetDefaults = (action: HTTPGetAction): HTTPGetAction =>
  fillZero(action, { path: '/', scheme: 'HTTP' });

const withHandlerDefaults = (handler: LifecycleHandler): LifecycleHandler =>
  mapField(handler, 'httpGet', withHttpGetDefaults);

const withLifecycleDefaults = (lifecycle: Lifecycle): Lifecycle =>
  mapField(mapField(lifecycle, 'postStart', withHandlerDefaults), 'preStop', withHandlerDefaults);

export const withResourceDefaults = (resources: ResourceRequirements): ResourceRequirements =>
  mapField(mapField(resources, 'limits', withQuantityDefaults), 'requests', withQuantityDefaults);

/** Amounts are rounded up to thousandths. */
export function withQuantityDefaults(
  list: Readonly<Record<string, Quantity>>,
): Readonly<Record<string, Quantity>> {
  let result: Record<string, Quantity> | undefined;
  for (const name of Object.keys(list)) {
    const given = list[name];
    const now = roundedToMilli(given ?? '0');
    if (now === given) continue;
    result ??= { ...list };
    result[name] = now;
  }
  return result ?? list;
}

/** A text that needs no rounding keeps its form. */
function roundedToMilli(text: Quantity): Quantity {
  const kept = quantityText(text);
  const rounded = roundUpQuantity(text, -3);
  return rounded === roundUpQuantity(text, -9) ? kept : rounded;
}

/** A Pod's container asks for what it is limited to, where it does not say. Templates are left as they are. */
export function withRequestsFromLimits<C extends AnyContainer>(container: C): C {
  const limits = container.resources?.limits;
  if (container.resources === undefined || limits === undefined) return container;
  const requests = fill(container.resources.requests ?? {}, limits);
  return setField<AnyContainer, 'resources'>(
    container,
    'resources',
    requests === container.resources.requests ? container.resources : { ...container.resources, requests },
  ) as C;
}

/** On the host's network a port is the host's. */
export const withHostPorts = <C extends AnyContainer>(container: C): C =>
  mapField(container as AnyContainer, 'ports', (ports) =>
    mapList(ports, (port) => fillZero(port, { hostPort: port.containerPort })),
  ) as C;
