/** Probes and lifecycle handlers. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  PodSpec,
  Probe,
  SleepAction,
  TCPSocketAction,
} from '../generated/types.ts';
import { checkNotNegative, checkPort, checkPortOrName, checkRequiredOneOf, type Errors } from './fields.ts';

interface Handler {
  readonly exec?: ExecAction | undefined;
  readonly httpGet?: HTTPGetAction | undefined;
  readonly tcpSocket?: TCPSocketAction | undefined;
  readonly grpc?: GRPCAction | undefined;
  readonly sleep?: SleepAction | undefined;
}

const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** Exactly one way of doing it, and that one well formed. */
function checkHandler(errors: Errors, field: string, handler: Handler, graceSeconds?: number): void {
  let given = 0;
  for (const kind of kinds) {
    if (handler[kind] === undefined) continue;
    if (given > 0) errors.push(forbidden(`${field}.${kind}`, 'may not specify more than 1 handler type'));
    else checkAction(errors, `${field}.${kind}`, handler, kind, graceSeconds);
    given++;
  }
  if (given === 0) errors.push(required(field, 'must specify a handler type'));
}

function checkAction(
  errors: Errors,
  field: string,
  handler: Handler,
  kind: (typeof kinds)[number],
  graceSeconds: number | undefined,
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (kind === 'exec' && (exec?.command ?? []).length === 0) errors.push(required(`${field}.command`));
  if (kind === 'httpGet' && httpGet !== undefined) checkHttpGet(errors, field, httpGet);
  if (kind === 'tcpSocket' && tcpSocket !== undefined)
    checkPortOrName(errors, `${field}.port`, tcpSocket.port);
  if (kind === 'grpc' && grpc !== undefined) checkPort(errors, `${field}.port`, grpc.port);
  if (kind === 'sleep' && sleep !== undefined && graceSeconds !== undefined) {
    if (sleep.seconds < 0 || sleep.seconds > graceSeconds)
      errors.push(
        invalidValue(
          field,
          sleep.seconds,
          `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`,
        ),
      );
  }
}

/** What is done when a container has begun, and before it ends. */
export function checkLifecycle(
  errors: Errors,
  field: string,
  lifecycle: Lifecycle | undefined,
  spec: PodSpec,
): void {
  const seconds = spec.terminationGracePeriodSeconds;
  if (lifecycle?.postStart !== undefined)
    checkHandler(errors, `${field}.postStart`, lifecycle.postStart, seconds);
  if (lifecycle?.preStop !== undefined) checkHandler(errors, `${field}.preStop`, lifecycle.preStop, seconds);
}

function checkHttpGet(errors: Errors, field: string, action: HTTPGetAction): void {
  if ((action.path ?? '') === '') errors.push(required(`${field}.path`));
  checkPortOrName(errors, `${field}.port`, action.port);
  checkRequiredOneOf(errors, `${field}.scheme`, action.scheme, ['HTTP', 'HTTPS']);
  for (const header of action.httpHeaders ?? [])
    if (!/^[-A-Za-z0-9]+$/.test(header.name))
      errors.push(
        invalidValue(
          `${field}.httpHeaders`,
          header.name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
}

/** The probes of a container, or of a sidecar. */
export function checkProbes(errors: Errors, field: string, container: Container): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe !== undefined) {
    checkProbe(errors, `${field}.livenessProbe`, livenessProbe);
    checkSucceedsOnce(errors, `${field}.livenessProbe`, livenessProbe);
  }
  if (readinessProbe !== undefined) {
    checkProbe(errors, `${field}.readinessProbe`, readinessProbe);
    if (readinessProbe.terminationGracePeriodSeconds !== undefined)
      errors.push(
        invalidValue(
          `${field}.readinessProbe.terminationGracePeriodSeconds`,
          readinessProbe.terminationGracePeriodSeconds,
          'must not be set for readinessProbes',
        ),
      );
  }
  if (startupProbe !== undefined) {
    checkProbe(errors, `${field}.startupProbe`, startupProbe);
    checkSucceedsOnce(errors, `${field}.startupProbe`, startupProbe);
  }
}

function checkProbe(errors: Errors, field: string, probe: Probe): void {
  checkHandler(errors, field, probe);
  for (const part of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const)
    checkNotNegative(errors, `${field}.${part}`, probe[part]);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
}

function checkSucceedsOnce(errors: Errors, field: string, probe: Probe): void {
  const { successThreshold = 0 } = probe;
  if (successThreshold !== 1)
    errors.push(invalidValue(`${field}.successThreshold`, successThreshold, 'must be 1'));
}
