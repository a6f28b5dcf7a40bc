/**
 * Pods and the templates of Pods. A spec that was found right is remembered by identity, so the Pods of one template
 * cost their metadata only. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidatePodSpec)
 */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import { internal, internalMap } from '../go/internal.ts';
import { unifiedDiff } from '../go/unified-diff.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../generated/types.ts';
import { qualifiedNameErrors } from '../label-format.ts';
import { same } from '../merge-patch.ts';
import { matchesLabels, type Requirement } from '../selector.ts';
import {
  checkAlwaysRestarts,
  checkContainers,
  checkInitContainers,
  checkRestartPolicy,
  checkUserId,
} from './container.ts';
import {
  checkAnnotations,
  checkForm,
  checkLabels,
  checkOneOf,
  checkRange,
  checkRequiredOneOf,
  ipMessage,
  isIP,
  label,
  subdomain,
  type Errors,
} from './fields.ts';
import { checkAffinity, checkTolerations, checkTopologySpread } from './placement.ts';
import { checkAmounts, checkResources } from './resources.ts';
import { checkVolumes } from './volume.ts';

const right = new WeakSet<PodSpec>();

/** Everything that is wrong with the spec of a Pod at `field`. */
function checkPodSpec(errors: Errors, field: string, spec: PodSpec): void {
  if (right.has(spec)) return;
  const before = errors.length;
  const volumes = checkVolumes(errors, `${field}.volumes`, spec.volumes, spec);
  checkClaims(errors, `${field}.resourceClaims`, spec);
  const around = { spec, volumes };
  checkContainers(
    errors,
    `${field}.containers`,
    spec.containers as PodSpec['containers'] | undefined,
    around,
  );
  checkInitContainers(errors, `${field}.initContainers`, spec.initContainers ?? [], around);
  checkPodLevel(errors, `${field}.resources`, spec);
  checkRestartPolicy(errors, `${field}.restartPolicy`, spec.restartPolicy);
  checkRequiredOneOf(errors, `${field}.dnsPolicy`, spec.dnsPolicy, [
    'ClusterFirstWithHostNet',
    'ClusterFirst',
    'Default',
    'None',
  ]);
  checkLabels(errors, `${field}.nodeSelector`, spec.nodeSelector);
  checkSecurity(errors, `${field}.securityContext`, spec);
  checkAffinity(errors, `${field}.affinity`, spec.affinity);
  checkDns(errors, `${field}.dnsConfig`, spec);
  (spec.readinessGates ?? []).forEach(({ conditionType }, i) => {
    checkForm(errors, `${field}.readinessGates[${i}].conditionType`, conditionType, qualifiedNameErrors);
  });
  checkGates(errors, `${field}.schedulingGates`, spec);
  checkTopologySpread(errors, `${field}.topologySpreadConstraints`, spec.topologySpreadConstraints);
  checkNames(errors, field, spec);
  checkTolerations(errors, `${field}.tolerations`, spec.tolerations);
  checkHosts(errors, field, spec);
  if (errors.length === before) right.add(spec);
}

function checkClaims(errors: Errors, field: string, spec: PodSpec): void {
  (spec.resourceClaims ?? []).forEach((claim, i) => {
    const at = `${field}[${i}]`;
    checkForm(errors, `${at}.name`, claim.name, label);
    const given = [claim.resourceClaimName, claim.resourceClaimTemplateName].filter(
      (name) => name !== undefined,
    ).length;
    if (given !== 1)
      errors.push(
        invalidValue(
          at,
          internal('PodResourceClaim', claim),
          given === 0
            ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
            : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        ),
      );
  });
}

function checkPodLevel(errors: Errors, field: string, spec: PodSpec): void {
  if (spec.resources === undefined) return;
  checkResources(errors, field, spec.resources, spec);
}

function checkSecurity(errors: Errors, field: string, spec: PodSpec): void {
  const security = spec.securityContext ?? {};
  if (spec.hostPID === true && spec.shareProcessNamespace === true)
    errors.push(
      invalidValue(
        `${field}.shareProcessNamespace`,
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    );
  for (const part of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) {
    const id = security[part];
    if (id !== undefined) checkUserId(errors, `${field}.${part}`, id);
  }
  (security.sysctls ?? []).forEach(({ name }, i) => {
    if (!sysctl.test(name) || name.length > 253)
      errors.push(
        invalidValue(
          `${field}.sysctls[${i}].name`,
          name,
          `must have at most 253 characters and match regex ${sysctlFormat}`,
        ),
      );
  });
}

const sysctlFormat = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctl = new RegExp(sysctlFormat);

const mostNameservers = 3;

function checkDns(errors: Errors, field: string, spec: PodSpec): void {
  const nameservers = spec.dnsConfig?.nameservers ?? [];
  if (spec.dnsPolicy === 'None') {
    if (spec.dnsConfig === undefined)
      errors.push(required(field, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    else if (nameservers.length === 0)
      errors.push(
        required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
      );
  }
  if (nameservers.length > mostNameservers)
    errors.push(invalidValue(`${field}.nameservers`, nameservers, 'must not have more than 3 nameservers'));
  nameservers.forEach((address, i) => {
    if (!isIP(address)) errors.push(invalidValue(`${field}.nameservers[${i}]`, address, ipMessage));
  });
}

function checkGates(errors: Errors, field: string, spec: PodSpec): void {
  const names = new Set<string>();
  (spec.schedulingGates ?? []).forEach(({ name }, i) => {
    checkForm(errors, `${field}[${i}]`, name, qualifiedNameErrors);
    if (names.has(name)) errors.push(duplicate(`${field}[${i}]`, name));
    names.add(name);
  });
}

/** 2^31 - 1 seconds. */
const mostSeconds = 2_147_483_647;

function checkNames(errors: Errors, field: string, spec: PodSpec): void {
  const forms = [
    ['serviceAccountName', subdomain],
    ['nodeName', subdomain],
  ] as const;
  for (const [part, form] of forms)
    if ((spec[part] ?? '') !== '') checkForm(errors, `${field}.${part}`, spec[part] ?? '', form);
  if (spec.activeDeadlineSeconds !== undefined)
    checkRange(errors, `${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, mostSeconds);
  for (const part of ['hostname', 'subdomain'] as const)
    if ((spec[part] ?? '') !== '') checkForm(errors, `${field}.${part}`, spec[part] ?? '', label);
}

function checkHosts(errors: Errors, field: string, spec: PodSpec): void {
  (spec.hostAliases ?? []).forEach(({ ip, hostnames }, i) => {
    const at = `${field}.hostAliases[${i}]`;
    if (!isIP(ip)) errors.push(invalidValue(`${at}.ip`, ip, ipMessage));
    (hostnames ?? []).forEach((name, j) => {
      checkForm(errors, `${at}.hostnames[${j}]`, name, subdomain);
    });
  });
  for (const part of ['priorityClassName', 'runtimeClassName'] as const)
    if ((spec[part] ?? '') !== '') checkForm(errors, `${field}.${part}`, spec[part] ?? '', subdomain);
  if (spec.preemptionPolicy !== undefined)
    checkOneOf(errors, `${field}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']);
  if (spec.overhead !== undefined) checkAmounts(errors, `${field}.overhead.limits`, spec.overhead);
  if (spec.os !== undefined) checkOneOf(errors, `${field}.os`, spec.os.name, ['linux', 'windows']);
}

export function checkPod(errors: Errors, pod: Pod): void {
  checkPodSpec(errors, 'spec', pod.spec);
  if ((pod.spec.ephemeralContainers ?? []).length > 0)
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
}

/** A template by itself. */
export function checkPodTemplate(errors: Errors, field: string, template: PodTemplateSpec): void {
  checkLabels(errors, `${field}.labels`, template.metadata?.labels);
  checkAnnotations(errors, `${field}.annotations`, template.metadata?.annotations);
  const spec = template.spec ?? { containers: [] };
  checkPodSpec(errors, `${field}.spec`, spec);
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(
      forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'),
    );
}

/** A template whose Pods are kept running, selected by `requirements`, by a controller of the kind. */
export function checkTemplate(
  errors: Errors,
  field: string,
  template: PodTemplateSpec,
  requirements: readonly Requirement[],
  controller: string,
): void {
  const labels = template.metadata?.labels;
  if (requirements.length > 0 && !matchesLabels(requirements, labels))
    errors.push(
      invalidValue(
        `${field}.metadata.labels`,
        internalMap(labels),
        '`selector` does not match template `labels`',
      ),
    );
  checkPodTemplate(errors, field, template);
  const spec = template.spec ?? { containers: [] };
  if (spec.restartPolicy === 'OnFailure' || spec.restartPolicy === 'Never')
    checkAlwaysRestarts(errors, `${field}.spec.restartPolicy`, spec.restartPolicy);
  if (spec.activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden(
        `${field}.spec.activeDeadlineSeconds`,
        `activeDeadlineSeconds in ${controller} is not Supported`,
      ),
    );
}

const mayChange =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What a Pod's owner may change: images, an earlier deadline, more tolerations; while it is gated, where it may run. */
export function checkPodUpdate(errors: Errors, next: PodSpec, before: PodSpec): void {
  if (next === before) return;
  checkPodSpec(errors, 'spec', next);
  for (const part of ['containers', 'initContainers'] as const) {
    if ((next[part] ?? []).length !== (before[part] ?? []).length) {
      errors.push(forbidden(`spec.${part}`, `pod updates may not add or remove containers`));
      return;
    }
    checkImages(errors, `spec.${part}`, next[part] ?? []);
  }
  checkDeadline(errors, next.activeDeadlineSeconds, before.activeDeadlineSeconds);
  const gated = (before.schedulingGates ?? []).length > 0;
  const gates = (before.schedulingGates ?? []).map((gate) => gate.name);
  (next.schedulingGates ?? []).forEach(({ name }, i) => {
    if (!gates.includes(name))
      errors.push(
        forbidden(
          `spec.schedulingGates[${i}].name`,
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
  });
  const missing = (before.tolerations ?? []).some(
    (old) => !(next.tolerations ?? []).some((now) => same(old, now)),
  );
  if (missing)
    errors.push(
      forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
    );
  const changed = unchangeable(next, before, gated);
  if (!same(changed, before)) errors.push(forbidden('spec', `${mayChange}\n${specDiff(before, changed)}`));
}

const specDiff = (before: PodSpec, next: PodSpec): string =>
  unifiedDiff(internal('PodSpec', before), internal('PodSpec', next));

/** An update looks at the images again, though the spec as a whole has been looked at. (ValidateContainerUpdates) */
function checkImages(errors: Errors, field: string, containers: PodSpec['containers']): void {
  containers.forEach(({ image = '' }, i) => {
    if (image === '') errors.push(required(`${field}[${i}].image`));
    if (image.trim() !== image)
      errors.push(
        invalidValue(`${field}[${i}].image`, image, 'must not have leading or trailing whitespace'),
      );
  });
}

function checkDeadline(errors: Errors, next: number | undefined, before: number | undefined): void {
  const field = 'spec.activeDeadlineSeconds';
  if (before === undefined) return;
  if (next === undefined)
    errors.push(invalidValue(field, null, 'must not update from a positive integer to nil value'));
  else if (next > before)
    errors.push(invalidValue(field, next, 'must be less than or equal to previous value'));
}

/** The new spec with everything that may change put back. */
function unchangeable(next: PodSpec, before: PodSpec, gated: boolean): PodSpec {
  const back = (
    list: PodSpec['containers'] | undefined,
    old: PodSpec['containers'] | undefined,
  ): PodSpec['containers'] | undefined =>
    list?.map((container, i) => ({ ...container, image: old?.[i]?.image }));
  const wasNegative =
    (before.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1;
  return {
    ...next,
    containers: back(next.containers, before.containers) ?? [],
    initContainers: back(next.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    ...(wasNegative ? { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds } : {}),
    ...(gated ? { nodeSelector: before.nodeSelector, affinity: before.affinity } : {}),
  };
}
