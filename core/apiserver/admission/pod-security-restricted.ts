/** The checks the level restricted adds. (kubernetes v1.34.1 pod-security-admission/policy/check_*.go) */
import type { PodSpec, Volume } from '../../api/generated/types.ts';
import { badSeccomp } from './pod-security-baseline.ts';
import {
  containerNames,
  containersOf,
  containersWhere,
  plural,
  quoted,
  setters,
  sorted,
  type PodCheck,
} from './pod-security-words.ts';

/** From 1.25 on what only Linux has is not asked of Pods for Windows. */
const unlessWindows = (check: PodCheck): PodCheck => ({
  ...check,
  since: 25,
  check: (metadata, spec) => (spec.os?.name === 'windows' ? undefined : check.check(metadata, spec)),
});

const allowPrivilegeEscalation: PodCheck = {
  id: 'allowPrivilegeEscalation',
  since: 8,
  check: (_metadata, spec) => {
    const names = containersWhere(spec, (security) => security?.allowPrivilegeEscalation !== false);
    if (names.length === 0) return undefined;
    return {
      reason: 'allowPrivilegeEscalation != false',
      detail: `${containerNames(names)} must set securityContext.allowPrivilegeEscalation=false`,
    };
  },
};

const capabilities: PodCheck = {
  id: 'capabilities_restricted',
  since: 22,
  overrides: ['capabilities_baseline'],
  check: (_metadata, spec) => {
    const bad = (added: readonly string[] | undefined): readonly string[] =>
      (added ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
    const keeping = containersWhere(
      spec,
      (security) => security?.capabilities?.drop?.includes('ALL') !== true,
    );
    const adding = containersWhere(spec, (security) => bad(security?.capabilities?.add).length > 0);
    const added = sorted(containersOf(spec).flatMap((one) => bad(one.securityContext?.capabilities?.add)));
    const details = [
      ...(keeping.length === 0
        ? []
        : [`${containerNames(keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
      ...(adding.length === 0
        ? []
        : [
            `${containerNames(adding)} must not include ${quoted(added)} in securityContext.capabilities.add`,
          ]),
    ];
    return details.length === 0
      ? undefined
      : { reason: 'unrestricted capabilities', detail: details.join('; ') };
  },
};

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;

const restrictedVolumeTypes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const;

const restrictedVolumes: PodCheck = {
  id: 'restrictedVolumes',
  since: 0,
  overrides: ['hostPathVolumes'],
  check: (_metadata, { volumes }) => {
    const bad = (volumes ?? []).filter((volume) =>
      allowedVolumes.every((type) => volume[type] === undefined),
    );
    if (bad.length === 0) return undefined;
    const names = bad.map(({ name }) => name);
    const types = sorted(bad.map(typeOf));
    const reason = 'restricted volume types';
    const use = plural('uses', 'use', names.length);
    const type = plural('restricted volume type', reason, types.length);
    return {
      reason,
      detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)} ${use} ${type} ${quoted(types)}`,
    };
  },
};

const typeOf = (volume: Volume): string =>
  restrictedVolumeTypes.find((type) => volume[type] !== undefined) ?? 'unknown';

const runAsNonRoot: PodCheck = {
  id: 'runAsNonRoot',
  since: 0,
  check: (_metadata, spec) => {
    const ofPod = spec.securityContext?.runAsNonRoot;
    const reason = 'runAsNonRoot != true';
    const who = setters(
      ofPod === false,
      containersWhere(spec, (security) => security?.runAsNonRoot === false),
    );
    if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
    if (ofPod === true) return undefined;
    const names = containersWhere(spec, (security) => security?.runAsNonRoot === undefined);
    if (names.length === 0) return undefined;
    return { reason, detail: `pod or ${containerNames(names)} must set securityContext.runAsNonRoot=true` };
  },
};

const runAsUser: PodCheck = {
  id: 'runAsUser',
  since: 23,
  check: (_metadata, spec) => {
    const who = setters(
      spec.securityContext?.runAsUser === 0,
      containersWhere(spec, (security) => security?.runAsUser === 0),
    );
    return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
  },
};

const seccomp: PodCheck = {
  id: 'seccompProfile_restricted',
  since: 19,
  overrides: ['seccompProfile_baseline'],
  check: (_metadata, spec) => {
    const reason = 'seccompProfile';
    const bad = badSeccomp(spec);
    if (bad !== undefined)
      return {
        reason,
        detail: `${bad.who} must not set securityContext.seccompProfile.type to ${quoted(bad.types)}`,
      };
    const names = withoutSeccomp(spec);
    if (names.length === 0) return undefined;
    return {
      reason,
      detail: `pod or ${containerNames(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    };
  },
};

const withoutSeccomp = (spec: PodSpec): readonly string[] =>
  spec.securityContext?.seccompProfile !== undefined
    ? []
    : containersWhere(spec, (security) => security?.seccompProfile === undefined);

export const restrictedChecks: readonly PodCheck[] = [
  allowPrivilegeEscalation,
  unlessWindows(allowPrivilegeEscalation),
  capabilities,
  unlessWindows(capabilities),
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccomp,
  unlessWindows(seccomp),
];
