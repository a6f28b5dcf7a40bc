/** Containers. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { duplicate, forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type {
  Container,
  ContainerPort,
  EnvVar,
  Lifecycle,
  PodSpec,
  VolumeMount,
} from '../generated/types.ts';
import {
  checkForm,
  checkOneOf,
  checkPort,
  checkRequiredOneOf,
  label,
  portNameErrors,
  type Errors,
} from './fields.ts';
import { checkHandler, checkProbes } from './probe.ts';
import { checkResources } from './resources.ts';

/** What the containers of a Pod share. */
export interface Surroundings {
  readonly spec: PodSpec;
  readonly volumes: ReadonlySet<string>;
}

export function checkContainers(
  errors: Errors,
  field: string,
  containers: readonly Container[] | undefined,
  around: Surroundings,
): void {
  if (containers === undefined || containers.length === 0) {
    errors.push(required(field));
    return;
  }
  const names = new Set<string>();
  containers.forEach((container, i) => {
    const at = `${field}[${i}]`;
    checkContainer(errors, at, container, around);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    checkLifecycle(errors, `${at}.lifecycle`, container.lifecycle);
    checkProbes(errors, at, container);
  });
  checkHostPorts(errors, field, containers);
}

export function checkInitContainers(
  errors: Errors,
  field: string,
  containers: readonly Container[],
  around: Surroundings,
): void {
  const names = new Set(containersOf(around.spec).map((container) => container.name));
  containers.forEach((container, i) => {
    const at = `${field}[${i}]`;
    checkContainer(errors, at, container, around);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    checkHostPorts(errors, field, [container]);
    if (container.restartPolicy === 'Always') {
      checkLifecycle(errors, `${at}.lifecycle`, container.lifecycle);
      checkProbes(errors, at, container);
      return;
    }
    for (const part of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
      if (container[part] !== undefined)
        errors.push(
          forbidden(`${at}.${part}`, 'may not be set for init containers without restartPolicy=Always'),
        );
  });
}

/** A manifest may lack what every stored Pod has. */
const containersOf = (spec: PodSpec): PodSpec['containers'] =>
  (spec.containers as PodSpec['containers'] | undefined) ?? [];

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

function checkContainer(errors: Errors, field: string, container: Container, around: Surroundings): void {
  const image = container.image ?? '';
  if ((container.name as string | undefined) === undefined || container.name === '')
    errors.push(required(`${field}.name`));
  else checkForm(errors, `${field}.name`, container.name, label);
  if (image === '') errors.push(required(`${field}.image`));
  if (image !== image.trim())
    errors.push(invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  checkRequiredOneOf(errors, `${field}.terminationMessagePolicy`, container.terminationMessagePolicy, [
    'File',
    'FallbackToLogsOnError',
  ]);
  checkPorts(errors, `${field}.ports`, container.ports ?? [], around);
  (container.env ?? []).forEach((variable, i) => {
    checkEnv(errors, `${field}.env[${i}]`, variable);
  });
  checkEnvFrom(errors, `${field}.envFrom`, container);
  checkMounts(errors, `${field}.volumeMounts`, container.volumeMounts ?? [], around.volumes);
  checkRequiredOneOf(errors, `${field}.imagePullPolicy`, container.imagePullPolicy, pullPolicies);
  checkResources(errors, `${field}.resources`, container.resources, around.spec);
  checkSecurity(errors, `${field}.securityContext`, container);
}

function checkPorts(
  errors: Errors,
  field: string,
  ports: readonly ContainerPort[],
  around: Surroundings,
): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = `${field}[${i}]`;
    if (port.name !== undefined && port.name !== '') {
      const wrong = portNameErrors(port.name);
      for (const message of wrong) errors.push(invalidValue(`${at}.name`, port.name, message));
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    const number = (port.containerPort as number | undefined) ?? 0;
    if (number === 0) errors.push(required(`${at}.containerPort`));
    else checkPort(errors, `${at}.containerPort`, number);
    const hostPort = port.hostPort ?? 0;
    if (hostPort !== 0) checkPort(errors, `${at}.hostPort`, hostPort);
    if (around.spec.hostNetwork === true && hostPort !== 0 && hostPort !== number)
      errors.push(
        invalidValue(`${at}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true'),
      );
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

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const mapPath = /^metadata\.(?:annotations|labels)\['[^']+'\]$/;

function checkEnv(errors: Errors, field: string, variable: EnvVar): void {
  const name = (variable.name as string | undefined) ?? '';
  if (name === '') errors.push(required(`${field}.name`));
  else if (!/^[ -<>-~]+$/.test(name))
    errors.push(
      invalidValue(
        `${field}.name`,
        name,
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ),
    );
  const source = variable.valueFrom;
  if (source === undefined) return;
  const given = Object.keys(source).length;
  if (given === 0)
    errors.push(
      invalidValue(
        `${field}.valueFrom`,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ),
    );
  if (given > 0 && (variable.value ?? '') !== '')
    errors.push(invalidValue(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty'));
  if (given > 1)
    errors.push(
      invalidValue(`${field}.valueFrom`, '', 'may not have more than one field specified at a time'),
    );
  const path = source.fieldRef?.fieldPath;
  if (path !== undefined && !fieldPaths.includes(path) && !mapPath.test(path))
    errors.push(
      invalidValue(
        `${field}.valueFrom.fieldRef.fieldPath`,
        path,
        `error converting fieldPath: field label not supported: ${path}`,
      ),
    );
  for (const part of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const reference = source[part];
    if (reference === undefined) continue;
    if ((reference.name ?? '') === '') errors.push(required(`${field}.valueFrom.${part}.name`));
    if (((reference.key as string | undefined) ?? '') === '')
      errors.push(required(`${field}.valueFrom.${part}.key`));
  }
}

/** Kubernetes names the list, not the item. */
function checkEnvFrom(errors: Errors, field: string, container: Container): void {
  for (const source of container.envFrom ?? []) {
    const given = [source.configMapRef, source.secretRef].filter((reference) => reference !== undefined);
    if (given.length === 0)
      errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (given.length > 1)
      errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
    if (source.configMapRef !== undefined && (source.configMapRef.name ?? '') === '')
      errors.push(required(`${field}.configMapRef.name`));
    if (source.secretRef !== undefined && (source.secretRef.name ?? '') === '')
      errors.push(required(`${field}.secretRef.name`));
  }
}

function checkMounts(
  errors: Errors,
  field: string,
  mounts: readonly VolumeMount[],
  volumes: ReadonlySet<string>,
): void {
  const paths = new Set<string>();
  mounts.forEach((mount, i) => {
    const at = `${field}[${i}]`;
    if (mount.name === '') errors.push(required(`${at}.name`));
    if (!volumes.has(mount.name))
      errors.push({ type: 'Not found', field: `${at}.name`, badValue: mount.name, detail: '' });
    if (mount.mountPath === '') errors.push(required(`${at}.mountPath`));
    if (paths.has(mount.mountPath))
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (mount.subPath !== undefined && mount.subPath.startsWith('/'))
      errors.push(invalidValue(`${at}.subPath`, mount.subPath, 'must be a relative path'));
  });
}

function checkSecurity(errors: Errors, field: string, container: Container): void {
  const security = container.securityContext;
  if (security === undefined) return;
  if (security.runAsUser !== undefined) checkUserId(errors, `${field}.runAsUser`, security.runAsUser);
  if (security.runAsGroup !== undefined) checkUserId(errors, `${field}.runAsGroup`, security.runAsGroup);
  if (security.allowPrivilegeEscalation !== false) return;
  if (security.privileged === true)
    errors.push(
      invalidValue(
        field,
        internal('SecurityContext', security),
        'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ),
    );
  if (security.capabilities?.add?.includes('CAP_SYS_ADMIN') === true)
    errors.push(
      invalidValue(
        field,
        internal('SecurityContext', security),
        'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
      ),
    );
}

export function checkUserId(errors: Errors, field: string, id: number): void {
  if (id < 0 || id > 2_147_483_647)
    errors.push(invalidValue(field, id, 'must be between 0 and 2147483647, inclusive'));
}

function checkLifecycle(errors: Errors, field: string, lifecycle: Lifecycle | undefined): void {
  if (lifecycle?.postStart !== undefined) checkHandler(errors, `${field}.postStart`, lifecycle.postStart);
  if (lifecycle?.preStop !== undefined) checkHandler(errors, `${field}.preStop`, lifecycle.preStop);
}

/** A restart policy of the Pod. */
export function checkRestartPolicy(errors: Errors, field: string, policy: string | undefined): void {
  if (policy === undefined || policy === '') errors.push(required(field));
  else checkOneOf(errors, field, policy, ['Always', 'OnFailure', 'Never']);
}

/** A template's Pods must be restarted for ever. */
export function checkAlwaysRestarts(errors: Errors, field: string, policy: string | undefined): void {
  if (policy !== undefined && policy !== 'Always') errors.push(unsupported(field, policy, ['Always']));
}
