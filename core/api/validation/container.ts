/** Containers of a Pod, of every sort. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { duplicate, forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  EphemeralContainer,
  PodSpec,
} from '../generated/types.ts';
import { checkEnv, checkEnvFrom } from './env.ts';
import { checkForm, checkPort, checkRequiredOneOf, label, portNameErrors, type Errors } from './fields.ts';
import { checkDevices, checkMounts } from './mount.ts';
import { checkLifecycle, checkProbes } from './probe.ts';
import { checkResources } from './resources.ts';
import { checkContainerSecurity } from './security.ts';
import type { Volumes } from './volume.ts';

/** What the containers of a Pod share. */
export interface Surroundings {
  readonly spec: PodSpec;
  readonly volumes: Volumes;
}

export function checkContainers(errors: Errors, field: string, around: Surroundings): void {
  const containers = containersOf(around.spec);
  if (containers.length === 0) {
    errors.push(required(field));
    return;
  }
  const names = new Set<string>();
  containers.forEach((container, i) => {
    const at = `${field}[${i}]`;
    checkContainer(errors, at, container, around);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    checkLifecycle(errors, `${at}.lifecycle`, container.lifecycle, around.spec);
    checkProbes(errors, at, container);
    if (container.restartPolicy !== undefined)
      errors.push(forbidden(`${at}.restartPolicy`, 'may not be set for non-init containers'));
  });
  checkHostPorts(errors, field, containers);
}

/** A manifest may lack what every stored Pod has. */
export const containersOf = (spec: PodSpec): PodSpec['containers'] =>
  (spec.containers as PodSpec['containers'] | undefined) ?? [];

const whenSidecar = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function checkInitContainers(errors: Errors, field: string, around: Surroundings): void {
  const names = new Set(containersOf(around.spec).map((container) => container.name));
  (around.spec.initContainers ?? []).forEach((container, i) => {
    const at = `${field}[${i}]`;
    const { name, restartPolicy } = container;
    checkContainer(errors, at, container, around);
    if (restartPolicy !== undefined && restartPolicy !== 'Always')
      errors.push(unsupported(`${at}.restartPolicy`, restartPolicy, ['Always']));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    if (name !== '') names.add(name);
    checkHostPorts(errors, field, [container]);
    if (restartPolicy === 'Always') {
      checkLifecycle(errors, `${at}.lifecycle`, container.lifecycle, around.spec);
      checkProbes(errors, at, container);
      return;
    }
    for (const part of whenSidecar)
      if (container[part] !== undefined)
        errors.push(
          forbidden(`${at}.${part}`, 'may not be set for init containers without restartPolicy=Always'),
        );
  });
}

const notEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;
const cannotBeEphemeral = 'cannot be set for an Ephemeral Container';

export function checkEphemeralContainers(errors: Errors, field: string, around: Surroundings): void {
  const { spec } = around;
  const others = [...containersOf(spec), ...(spec.initContainers ?? [])].map(({ name }) => name);
  const names = new Set(others);
  (spec.ephemeralContainers ?? []).forEach((container, i) => {
    const at = `${field}[${i}]`;
    checkContainer(errors, at, container, around);
    checkImage(errors, at, container);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName ?? '';
    if (target !== '' && !others.includes(target))
      errors.push({ type: 'Not found', field: `${at}.targetContainerName`, badValue: target, detail: '' });
    checkEphemeral(errors, at, container);
  });
}

/** What only helps to look at a Pod must not become a part of it. */
function checkEphemeral(errors: Errors, field: string, container: EphemeralContainer): void {
  for (const part of notEphemeral) {
    const value = container[part];
    const isGiven = value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0);
    if (isGiven) errors.push(forbidden(`${field}.${part}`, cannotBeEphemeral));
  }
  (container.volumeMounts ?? []).forEach((mount, i) => {
    for (const part of ['subPath', 'subPathExpr'] as const)
      if ((mount[part] ?? '') !== '')
        errors.push(forbidden(`${field}.volumeMounts[${i}].${part}`, cannotBeEphemeral));
  });
}

/** Spaces around an image: a template may have them. */
export function checkImage(errors: Errors, field: string, { image = '' }: Pick<Container, 'image'>): void {
  if (image !== image.trim())
    errors.push(invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace'));
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

/** What all sorts have. */
function checkContainer(errors: Errors, field: string, container: Container, around: Surroundings): void {
  const name = (container.name as string | undefined) ?? '';
  if (name === '') errors.push(required(`${field}.name`));
  else checkForm(errors, `${field}.name`, name, label);
  if ((container.image ?? '') === '') errors.push(required(`${field}.image`));
  checkRequiredOneOf(errors, `${field}.terminationMessagePolicy`, container.terminationMessagePolicy, [
    'File',
    'FallbackToLogsOnError',
  ]);
  checkPorts(errors, `${field}.ports`, container.ports ?? []);
  checkEnv(errors, `${field}.env`, container.env ?? []);
  checkEnvFrom(errors, `${field}.envFrom`, container.envFrom ?? []);
  checkMounts(errors, `${field}.volumeMounts`, container, around.volumes);
  checkDevices(errors, `${field}.volumeDevices`, container, around.volumes);
  checkRequiredOneOf(errors, `${field}.imagePullPolicy`, container.imagePullPolicy, pullPolicies);
  checkResources(errors, `${field}.resources`, container.resources, around.spec);
  checkResizePolicy(errors, `${field}.resizePolicy`, container.resizePolicy ?? [], around.spec);
  checkContainerSecurity(errors, `${field}.securityContext`, container, around.spec);
}

function checkPorts(errors: Errors, field: string, ports: readonly ContainerPort[]): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = `${field}[${i}]`;
    if (port.name !== undefined && port.name !== '') {
      const wrong = portNameErrors(port.name);
      for (const message of wrong) errors.push(invalidValue(`${at}.name`, port.name, message));
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      if (wrong.length === 0) names.add(port.name);
    }
    const number = (port.containerPort as number | undefined) ?? 0;
    if (number === 0) errors.push(required(`${at}.containerPort`));
    else checkPort(errors, `${at}.containerPort`, number);
    const hostPort = port.hostPort ?? 0;
    if (hostPort !== 0) checkPort(errors, `${at}.hostPort`, hostPort);
    checkRequiredOneOf(errors, `${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']);
  });
}

function checkHostPorts(errors: Errors, field: string, containers: readonly Container[]): void {
  const taken = new Set<string>();
  containers.forEach((container, i) => {
    (container.ports ?? []).forEach((port, j) => {
      if ((port.hostPort ?? 0) === 0) return;
      const text = `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort ?? 0}`;
      if (taken.has(text)) errors.push(duplicate(`${field}[${i}].ports[${j}].hostPort`, text));
      taken.add(text);
    });
  });
}

/** In the host's network a port is the host's own. A template may leave that to its Pods. */
export function checkHostNetwork(errors: Errors, field: string, spec: PodSpec, isPod: boolean): void {
  if (spec.hostNetwork !== true) return;
  containersOf(spec).forEach((container, i) => {
    (container.ports ?? []).forEach(({ hostPort = 0, containerPort }, j) => {
      if ((isPod || hostPort !== 0) && hostPort !== containerPort)
        errors.push(
          invalidValue(
            `${field}[${i}].ports[${j}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    });
  });
}

/** Kubernetes names the list, not the item. */
function checkResizePolicy(
  errors: Errors,
  field: string,
  policies: readonly ContainerResizePolicy[],
  { restartPolicy: ofPod }: PodSpec,
): void {
  const seen = new Set<string>();
  policies.forEach(({ resourceName, restartPolicy }, i) => {
    if (seen.has(resourceName)) errors.push(duplicate(`${field}[${i}]`, resourceName));
    seen.add(resourceName);
    checkRequiredOneOf(errors, field, resourceName, ['cpu', 'memory']);
    checkRequiredOneOf(errors, field, restartPolicy, ['NotRequired', 'RestartContainer']);
    if (ofPod === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(
        invalidValue(field, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"),
      );
  });
}
