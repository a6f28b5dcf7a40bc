/**
 * Pods and the templates of Pods. A spec that was found right is remembered by identity, so the Pods of one template
 * cost their metadata only. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidatePodSpec)
 */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import { internal, internalMap } from '../go/internal.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { matchesLabels, type Requirement } from '../selector.ts';
import {
  checkContainers,
  checkEphemeralContainers,
  checkHostNetwork,
  checkImage,
  checkInitContainers,
  containersOf,
} from './container.ts';
import { checkDns } from './dns.ts';
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
import { checkNewPodAnnotations, checkPodAnnotations } from './pod-annotations.ts';
import { checkPodResources } from './pod-resources.ts';
import { checkKeptRunning } from './pod-template.ts';
import { checkAmounts } from './resources.ts';
import { checkPodSecurity } from './security.ts';
import { checkVolumes } from './volume.ts';
import { checkForLinux, checkForWindows, checkHostProcess } from './windows.ts';

const right = new WeakSet<PodSpec>();
/** The same of templates, of which less is asked. */
const rightTemplates = new WeakSet<PodSpec>();

/** A spec whose rules depend on the Pod's name is looked at for every Pod. */
const namesClaims = (spec: PodSpec): boolean =>
  spec.volumes !== undefined && spec.volumes.some(({ ephemeral }) => ephemeral !== undefined);

/** Everything that is wrong with the spec of a Pod, or of a template, at `field`. */
function checkPodSpec(errors: Errors, field: string, spec: PodSpec, pod: Pod | undefined): void {
  const known = pod === undefined ? rightTemplates : right;
  if (known.has(spec)) return;
  const before = errors.length;
  const volumes = checkVolumes(errors, `${field}.volumes`, spec, pod?.metadata.name);
  const around = { spec, volumes };
  checkResourceClaims(errors, `${field}.resourceClaims`, spec);
  checkContainers(errors, `${field}.containers`, around);
  checkInitContainers(errors, `${field}.initContainers`, around);
  checkEphemeralContainers(errors, `${field}.ephemeralContainers`, around);
  checkPodResources(errors, `${field}.resources`, spec);
  checkHostNetwork(errors, `${field}.containers`, spec, pod !== undefined);
  checkRequiredOneOf(errors, `${field}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']);
  checkRequiredOneOf(errors, `${field}.dnsPolicy`, spec.dnsPolicy, [
    'ClusterFirstWithHostNet',
    'ClusterFirst',
    'Default',
    'None',
  ]);
  checkLabels(errors, `${field}.nodeSelector`, spec.nodeSelector);
  checkPodSecurity(errors, `${field}.securityContext`, spec);
  checkAffinity(errors, `${field}.affinity`, spec.affinity);
  checkDns(errors, `${field}.dnsConfig`, spec);
  (spec.readinessGates ?? []).forEach(({ conditionType }, i) => {
    checkForm(errors, `${field}.readinessGates[${i}].conditionType`, conditionType, qualifiedNameErrors);
  });
  checkGates(errors, `${field}.schedulingGates`, spec);
  checkTopologySpread(errors, `${field}.topologySpreadConstraints`, spec.topologySpreadConstraints);
  checkHostProcess(errors, field, spec);
  checkHostUsers(errors, field, spec);
  checkNames(errors, field, spec);
  checkTolerations(errors, `${field}.tolerations`, spec.tolerations);
  checkHostAliases(errors, `${field}.hostAliases`, spec);
  checkClasses(errors, field, spec);
  checkOS(errors, field, spec);
  if (errors.length === before && !namesClaims(spec)) known.add(spec);
}

function checkResourceClaims(errors: Errors, field: string, spec: PodSpec): void {
  const names = new Set<string>();
  (spec.resourceClaims ?? []).forEach((claim, i) => {
    const at = `${field}[${i}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (name === '') errors.push(required(`${at}.name`));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else checkForm(errors, `${at}.name`, name, label);
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      errors.push(
        invalidValue(
          at,
          internal('PodResourceClaim', claim),
          'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
        ),
      );
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(
        invalidValue(
          at,
          internal('PodResourceClaim', claim),
          'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        ),
      );
    for (const part of ['resourceClaimName', 'resourceClaimTemplateName'] as const)
      if (claim[part] !== undefined) checkForm(errors, `${at}.${part}`, claim[part], subdomain);
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

/** A Pod with users of its own shares no other namespace with the host. */
function checkHostUsers(errors: Errors, field: string, spec: PodSpec): void {
  if (spec.hostUsers !== false) return;
  const why = 'when `pod.Spec.HostUsers` is false';
  if (spec.hostNetwork === true) errors.push(forbidden(`${field}.hostNetwork`, why));
  if (spec.hostPID === true) errors.push(forbidden(`${field}.HostPID`, why));
  if (spec.hostIPC === true) errors.push(forbidden(`${field}.HostIPC`, why));
}

/** 2^31 - 1 seconds. */
const mostSeconds = 2_147_483_647;

function checkNames(errors: Errors, field: string, spec: PodSpec): void {
  for (const part of ['serviceAccountName', 'nodeName'] as const)
    if ((spec[part] ?? '') !== '') checkForm(errors, `${field}.${part}`, spec[part] ?? '', subdomain);
  if (spec.activeDeadlineSeconds !== undefined)
    checkRange(errors, `${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, mostSeconds);
  for (const part of ['hostname', 'subdomain'] as const)
    if ((spec[part] ?? '') !== '') checkForm(errors, `${field}.${part}`, spec[part] ?? '', label);
}

function checkHostAliases(errors: Errors, field: string, spec: PodSpec): void {
  (spec.hostAliases ?? []).forEach(({ ip, hostnames }, i) => {
    const at = `${field}[${i}]`;
    if (!isIP(ip)) errors.push(invalidValue(`${at}.ip`, ip, ipMessage));
    (hostnames ?? []).forEach((name, j) => {
      checkForm(errors, `${at}.hostnames[${j}]`, name, subdomain);
    });
  });
}

function checkClasses(errors: Errors, field: string, spec: PodSpec): void {
  if ((spec.priorityClassName ?? '') !== '')
    checkForm(errors, `${field}.priorityClassName`, spec.priorityClassName ?? '', subdomain);
  if (spec.runtimeClassName !== undefined)
    checkForm(errors, `${field}.runtimeClassName`, spec.runtimeClassName, subdomain);
  if (spec.preemptionPolicy !== undefined)
    checkRequiredOneOf(errors, `${field}.preemptionPolicy`, spec.preemptionPolicy, [
      'PreemptLowerPriority',
      'Never',
    ]);
  if (spec.overhead !== undefined) checkAmounts(errors, `${field}.overhead.limits`, spec.overhead);
}

function checkOS(errors: Errors, field: string, spec: PodSpec): void {
  if (spec.os === undefined) return;
  const { name } = spec.os;
  if (name === '') errors.push(required(`${field}.os.name`, 'cannot be empty'));
  else if (name === 'linux') checkForLinux(errors, field, spec);
  else if (name === 'windows') checkForWindows(errors, field, spec);
  else checkOneOf(errors, `${field}.os`, name, ['linux', 'windows']);
}

/** A new Pod, but for its metadata's form. */
export function checkPod(errors: Errors, pod: Pod): void {
  checkWholePod(errors, pod);
  const { spec } = pod;
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if ((spec.nodeName ?? '') !== '' && (spec.schedulingGates ?? []).length > 0)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  if (pod.metadata.annotations !== undefined)
    checkNewPodAnnotations(errors, 'spec', pod.metadata.annotations, spec);
}

/** What must be right in every Pod, new or changed; a template may leave some of it to its Pods. */
export function checkWholePod(errors: Errors, pod: Pod): void {
  const { spec, metadata } = pod;
  if (metadata.annotations !== undefined)
    checkPodAnnotations(errors, 'metadata.annotations', metadata.annotations, spec);
  if (right.has(spec)) return;
  checkPodSpec(errors, 'spec', spec, pod);
  if ((spec.serviceAccountName ?? '') === '') checkNoTokens(errors, spec);
  const before = errors.length;
  containersOf(spec).forEach((container, i) => {
    checkImage(errors, `spec.containers[${i}]`, container);
  });
  (spec.initContainers ?? []).forEach((container, i) => {
    checkImage(errors, `spec.initContainers[${i}]`, container);
  });
  if (errors.length > before) right.delete(spec);
}

function checkNoTokens(errors: Errors, spec: PodSpec): void {
  const before = errors.length;
  (spec.volumes ?? []).forEach(({ projected }, i) => {
    (projected?.sources ?? []).forEach(({ serviceAccountToken }, j) => {
      if (serviceAccountToken !== undefined)
        errors.push(
          forbidden(
            `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`,
            'must not be specified when serviceAccountName is not set',
          ),
        );
    });
  });
  if (errors.length > before) right.delete(spec);
}

/** A template by itself. */
export function checkPodTemplate(errors: Errors, field: string, template: PodTemplateSpec): void {
  const { labels, annotations } = template.metadata ?? {};
  const spec = template.spec ?? { containers: [] };
  checkLabels(errors, `${field}.labels`, labels);
  checkAnnotations(errors, `${field}.annotations`, annotations);
  if (annotations !== undefined) checkPodAnnotations(errors, `${field}.annotations`, annotations, spec);
  checkPodSpec(errors, `${field}.spec`, spec, undefined);
  if (annotations !== undefined) checkNewPodAnnotations(errors, `${field}.spec`, annotations, spec);
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
  checkKeptRunning(errors, `${field}.spec`, template.spec, controller);
}
