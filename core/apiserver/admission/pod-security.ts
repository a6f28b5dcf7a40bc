/**
 * PodSecurity: a namespace says by its labels how much its Pods may: privileged, baseline or restricted, as of a version.
 * What is enforced refuses; what is to be warned of is told. (kubernetes v1.34.1 pod-security-admission/admission/admission.go)
 */
import type { Namespace, ObjectMeta, Pod, PodSpec } from '../../api/generated/types.ts';
import { invalidValue, type FieldError } from '../../api/field-error.ts';
import { invalid } from '../../api/status.ts';
import type { Status } from '../../api/request.ts';
import { baselineChecks } from './pod-security-baseline.ts';
import { restrictedChecks } from './pod-security-restricted.ts';
import type { PodCheck, Violation } from './pod-security-words.ts';
import { refuse, type AdmissionAttributes, type AdmissionContext, type AdmissionPlugin } from './plugin.ts';

export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** A level as of a minor version of Kubernetes 1, or as of the newest. */
export interface PodSecurityPolicy {
  readonly level: PodSecurityLevel;
  readonly version: number | 'latest';
}

type Mode = 'enforce' | 'audit' | 'warn';

const makersOfPods = [
  'podtemplates',
  'replicationcontrollers',
  'replicasets',
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
];

export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  resources: ['pods', 'namespaces', ...makersOfPods],
  operations: ['CREATE', 'UPDATE'],
  subresources: ['ephemeralcontainers'],
  validate: (attributes, context) => {
    const { resource, object, subresource, namespace } = attributes;
    if (object === undefined) return undefined;
    if (resource === 'namespaces')
      return subresource === '' ? badLabels(object as unknown as Namespace) : undefined;
    // What makes Pods is only warned of.
    if (resource !== 'pods') return undefined;
    const policy = policyOf(context, namespace, 'enforce');
    if (policy.level === 'privileged' || !isChecked(attributes)) return undefined;
    const violations = violationsOf(policy, object.metadata, (object as Pod).spec);
    return violations.length === 0
      ? undefined
      : refuse(attributes, `violates PodSecurity "${policyText(policy)}": ${violationText(violations)}`);
  },
};

/** What is told of a Pod, or of a controller's template, that its namespace would rather not have. */
export function podSecurityWarnings(
  attributes: AdmissionAttributes,
  context: AdmissionContext,
): readonly string[] {
  const { object, namespace, operation } = attributes;
  const template = templateOf(attributes);
  if (object === undefined || template === undefined || operation === 'DELETE') return [];
  const policy = policyOf(context, namespace, 'warn');
  if (policy.level === 'privileged' || !isChecked(attributes)) return [];
  const violations = violationsOf(policy, template.metadata ?? {}, template.spec);
  return violations.length === 0
    ? []
    : [`would violate PodSecurity "${policyText(policy)}": ${violationText(violations)}`];
}

interface Template {
  readonly metadata?: Partial<ObjectMeta> | undefined;
  readonly spec: PodSpec;
}

/** The Pod a kind is, or makes. */
function templateOf({ resource, object }: AdmissionAttributes): Template | undefined {
  const { spec, template } = (object ?? {}) as unknown as {
    readonly spec?: {
      readonly template?: Template;
      readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
    };
    readonly template?: Template;
  };
  switch (resource) {
    case 'pods':
      return object as Pod | undefined;
    case 'podtemplates':
      return template;
    case 'cronjobs':
      return spec?.jobTemplate?.spec?.template;
    case 'replicationcontrollers':
    case 'replicasets':
    case 'deployments':
    case 'statefulsets':
    case 'daemonsets':
    case 'jobs':
      return spec?.template;
    default:
      return undefined;
  }
}

/** A creation is checked, and an update that brings other images, containers or annotated profiles. */
function isChecked({ operation, resource, subresource, object, oldObject }: AdmissionAttributes): boolean {
  if (resource !== 'pods') return subresource === '';
  if (subresource !== '' && subresource !== 'ephemeralcontainers' && subresource !== 'resize') return false;
  if (operation === 'CREATE' || oldObject === undefined) return true;
  const [next, old] = [object as Pod, oldObject as Pod];
  const images = ({ spec }: Pod): string =>
    JSON.stringify(
      [spec.containers, spec.initContainers ?? [], spec.ephemeralContainers ?? []].map((list) =>
        list.map(({ name, image }) => [name, image]),
      ),
    );
  return images(next) !== images(old);
}

const prefix = 'pod-security.kubernetes.io/';

const privilegedPolicy: PodSecurityPolicy = { level: 'privileged', version: 'latest' };

function policyOf(context: AdmissionContext, namespace: string, mode: Mode): PodSecurityPolicy {
  const labels = context.view('namespaces').objects.get(namespace)?.metadata.labels;
  const level = labels?.[prefix + mode];
  if (level === undefined) return privilegedPolicy;
  // Labels that cannot be read: as strict as can be. (policyToEvaluate with errors)
  if (!isLevel(level)) return { level: 'restricted', version: 'latest' };
  return { level, version: versionOf(labels?.[`${prefix}${mode}-version`] ?? 'latest') ?? 'latest' };
}

const isLevel = (text: string): text is PodSecurityLevel =>
  text === 'privileged' || text === 'baseline' || text === 'restricted';

/** `latest`, `v1.25`; undefined for anything else. */
function versionOf(text: string): number | 'latest' | undefined {
  if (text === 'latest') return text;
  const match = /^v1\.(0|[1-9][0-9]*)$/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function badLabels({ metadata }: Namespace): Status | undefined {
  const errors: FieldError[] = [];
  for (const mode of ['enforce', 'audit', 'warn'] as const) {
    const level = metadata.labels?.[prefix + mode];
    const version = metadata.labels?.[`${prefix}${mode}-version`];
    if (level !== undefined && !isLevel(level))
      errors.push(
        invalidValue(
          `metadata.labels[${prefix}${mode}]`,
          level,
          'must be one of privileged, baseline, restricted',
        ),
      );
    if (version !== undefined && versionOf(version) === undefined)
      errors.push(
        invalidValue(`metadata.labels[${prefix}${mode}-version]`, version, 'must be "latest" or "v1.x"'),
      );
  }
  return errors.length === 0 ? undefined : invalid('namespaces', metadata.name, errors);
}

const policyText = ({ level, version }: PodSecurityPolicy): string =>
  `${level}:${version === 'latest' ? version : `v1.${version}`}`;

/** `reason (detail), reason (detail)`. */
export const violationText = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

/** Everything a Pod does that the policy forbids: the baseline's checks first, each group in the order of its ids. */
export const violationsOf = (
  policy: PodSecurityPolicy,
  metadata: Partial<ObjectMeta>,
  spec: PodSpec,
): readonly Violation[] => checksOf(policy).flatMap(({ check }) => check(metadata, spec) ?? []);

const chosen = new Map<string, readonly PodCheck[]>();

function checksOf(policy: PodSecurityPolicy): readonly PodCheck[] {
  if (policy.level === 'privileged') return [];
  const key = policyText(policy);
  let found = chosen.get(key);
  if (found === undefined) {
    const version = policy.version === 'latest' ? Number.MAX_SAFE_INTEGER : policy.version;
    const restricted = policy.level === 'restricted' ? newest(restrictedChecks, version) : [];
    const overridden = new Set(restricted.flatMap(({ overrides }) => overrides ?? []));
    const baseline = newest(baselineChecks, version).filter(({ id }) => !overridden.has(id));
    found = [...baseline, ...restricted];
    chosen.set(key, found);
  }
  return found;
}

/** Of each id the check that was newest at a version. */
function newest(checks: readonly PodCheck[], version: number): readonly PodCheck[] {
  const byId = new Map<string, PodCheck>();
  for (const check of checks) {
    if (check.since > version) continue;
    const known = byId.get(check.id);
    if (known === undefined || known.since < check.since) byId.set(check.id, check);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
