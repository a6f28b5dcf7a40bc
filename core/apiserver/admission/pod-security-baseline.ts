/** The checks of the level baseline. (kubernetes v1.34.1 pod-security-admission/policy/check_*.go) */
import type { PodSpec, SELinuxOptions } from '../../api/generated/types.ts';
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

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';
const profileTypes: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);
const isBadType = (type: string | undefined): type is string => type !== undefined && !profileTypes.has(type);

const appArmorProfile: PodCheck = {
  id: 'appArmorProfile',
  since: 0,
  check: ({ annotations }, spec) => {
    const podType = spec.securityContext?.appArmorProfile?.type;
    const containers = containersWhere(spec, (security) => isBadType(security?.appArmorProfile?.type));
    const types = [podType, ...containersOf(spec).map((one) => one.securityContext?.appArmorProfile?.type)];
    const badAnnotations = Object.entries(annotations ?? {})
      .filter(([key, value]) => key.startsWith(appArmorAnnotation) && !isAllowedAppArmor(value))
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .sort();
    const who = [
      ...[setters(isBadType(podType), containers)].filter((text) => text !== ''),
      ...(badAnnotations.length === 0 ? [] : [plural('annotation', 'annotations', badAnnotations.length)]),
    ];
    if (who.length === 0) return undefined;
    const values = [...sorted(types.filter(isBadType)), ...badAnnotations];
    return {
      reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
      detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
    };
  },
};

const isAllowedAppArmor = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const capabilities: PodCheck = {
  id: 'capabilities_baseline',
  since: 0,
  check: (_metadata, spec) => {
    const bad = (added: readonly string[] | undefined): readonly string[] =>
      (added ?? []).filter((name) => !defaultCapabilities.has(name));
    const containers = containersWhere(spec, (security) => bad(security?.capabilities?.add).length > 0);
    if (containers.length === 0) return undefined;
    const names = sorted(containersOf(spec).flatMap((one) => bad(one.securityContext?.capabilities?.add)));
    return {
      reason: 'non-default capabilities',
      detail: `${containerNames(containers)} must not include ${quoted(names)} in securityContext.capabilities.add`,
    };
  },
};

const hostNamespaces: PodCheck = {
  id: 'hostNamespaces',
  since: 0,
  check: (_metadata, { hostNetwork, hostPID, hostIPC }) => {
    const used = [
      ...(hostNetwork === true ? ['hostNetwork=true'] : []),
      ...(hostPID === true ? ['hostPID=true'] : []),
      ...(hostIPC === true ? ['hostIPC=true'] : []),
    ];
    return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.join(', ') };
  },
};

const hostPathVolumes: PodCheck = {
  id: 'hostPathVolumes',
  since: 0,
  check: (_metadata, { volumes }) => {
    const names = (volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
    if (names.length === 0) return undefined;
    return {
      reason: 'hostPath volumes',
      detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}`,
    };
  },
};

const hostPorts: PodCheck = {
  id: 'hostPorts',
  since: 0,
  check: (_metadata, spec) => {
    const containers = containersWhere(spec, (_security, { ports }) => portsOf(ports).length > 0);
    if (containers.length === 0) return undefined;
    const ports = sorted(containersOf(spec).flatMap((container) => portsOf(container.ports)));
    const use = plural('uses', 'use', containers.length);
    return {
      reason: 'hostPort',
      detail: `${containerNames(containers)} ${use} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`,
    };
  },
};

const portsOf = (
  ports: readonly { readonly hostPort?: number | undefined }[] | undefined,
): readonly string[] =>
  (ports ?? []).flatMap(({ hostPort }) => (hostPort === undefined || hostPort === 0 ? [] : [`${hostPort}`]));

interface Handler {
  readonly httpGet?: { readonly host?: string | undefined } | undefined;
  readonly tcpSocket?: { readonly host?: string | undefined } | undefined;
}

const hostProbes: PodCheck = {
  id: 'hostProbesAndHostLifecycle',
  since: 34,
  check: (_metadata, spec) => {
    const bad = containersOf(spec).flatMap((one) => {
      const handlers: readonly (Handler | undefined)[] = [
        one.livenessProbe,
        one.readinessProbe,
        one.startupProbe,
        one.lifecycle?.postStart,
        one.lifecycle?.preStop,
      ];
      const hosts = handlers.flatMap((handler) => [
        handler?.httpGet?.host ?? '',
        handler?.tcpSocket?.host ?? '',
      ]);
      return hosts.filter((host) => host !== '').map((host) => ({ name: one.name, host }));
    });
    if (bad.length === 0) return undefined;
    const names = sorted(bad.map(({ name }) => name));
    const hosts = sorted(bad.map(({ host }) => host));
    const reason = 'probe or lifecycle host';
    const use = plural('uses', 'use', names.length);
    return {
      reason,
      detail: `${containerNames(names)} ${use} ${plural(reason, `${reason}s`, hosts.length)} ${quoted(hosts)}`,
    };
  },
};

const privileged: PodCheck = {
  id: 'privileged',
  since: 0,
  check: (_metadata, spec) => {
    const names = containersWhere(spec, (security) => security?.privileged === true);
    if (names.length === 0) return undefined;
    return {
      reason: 'privileged',
      detail: `${containerNames(names)} must not set securityContext.privileged=true`,
    };
  },
};

const procMount: PodCheck = {
  id: 'procMount',
  since: 0,
  check: (_metadata, spec) => {
    const isBad = (mount: string | undefined): mount is string => mount !== undefined && mount !== 'Default';
    const names = containersWhere(spec, (security) => isBad(security?.procMount));
    if (names.length === 0) return undefined;
    const mounts = sorted(
      containersOf(spec)
        .map((one) => one.securityContext?.procMount)
        .filter(isBad),
    );
    return {
      reason: 'procMount',
      detail: `${containerNames(names)} must not set securityContext.procMount to ${quoted(mounts)}`,
    };
  },
};

const seLinuxTypes: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const seLinux = (since: number, types: ReadonlySet<string>): PodCheck => ({
  id: 'seLinuxOptions',
  since,
  check: (_metadata, spec) => {
    const isBad = (options: SELinuxOptions | undefined): boolean =>
      options !== undefined &&
      (!types.has(options.type ?? '') || (options.user ?? '') !== '' || (options.role ?? '') !== '');
    const ofPod = spec.securityContext?.seLinuxOptions;
    const who = setters(
      isBad(ofPod),
      containersWhere(spec, (security) => isBad(security?.seLinuxOptions)),
    );
    if (who === '') return undefined;
    const all = [ofPod, ...containersOf(spec).map((one) => one.securityContext?.seLinuxOptions)];
    const badTypes = sorted(all.flatMap((options) => options?.type ?? []).filter((type) => !types.has(type)));
    const faults = [
      ...(badTypes.length === 0 ? [] : [`${plural('type', 'types', badTypes.length)} ${quoted(badTypes)}`]),
      ...(all.some((options) => (options?.user ?? '') !== '') ? ['user may not be set'] : []),
      ...(all.some((options) => (options?.role ?? '') !== '') ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
    };
  },
});

/** Who sets a seccomp profile that is none of the two good ones, and which. */
export function badSeccomp(
  spec: PodSpec,
): { readonly who: string; readonly types: readonly string[] } | undefined {
  const ofPod = spec.securityContext?.seccompProfile?.type;
  const who = setters(
    isBadType(ofPod),
    containersWhere(spec, (security) => isBadType(security?.seccompProfile?.type)),
  );
  if (who === '') return undefined;
  const all = [ofPod, ...containersOf(spec).map((one) => one.securityContext?.seccompProfile?.type)];
  return { who, types: sorted(all.filter(isBadType)) };
}

const seccomp: PodCheck = {
  id: 'seccompProfile_baseline',
  since: 19,
  check: (_metadata, spec) => {
    const bad = badSeccomp(spec);
    if (bad === undefined) return undefined;
    return {
      reason: 'seccompProfile',
      detail: `${bad.who} must not set securityContext.seccompProfile.type to ${quoted(bad.types)}`,
    };
  },
};

const safeSysctls: readonly (readonly [number, readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

const sysctls = safeSysctls.map(([since]): PodCheck => {
  const safe = new Set(safeSysctls.filter(([from]) => from <= since).flatMap(([, names]) => names));
  return {
    id: 'sysctls',
    since,
    check: (_metadata, { securityContext }) => {
      const bad = (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name));
      return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
    },
  };
});

const windowsHostProcess: PodCheck = {
  id: 'windowsHostProcess',
  since: 0,
  check: (_metadata, spec) => {
    const who = setters(
      spec.securityContext?.windowsOptions?.hostProcess === true,
      containersWhere(spec, (security) => security?.windowsOptions?.hostProcess === true),
    );
    if (who === '') return undefined;
    return {
      reason: 'hostProcess',
      detail: `${who} must not set securityContext.windowsOptions.hostProcess=true`,
    };
  },
};

export const baselineChecks: readonly PodCheck[] = [
  appArmorProfile,
  capabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinux(0, new Set(seLinuxTypes)),
  seLinux(31, new Set([...seLinuxTypes, 'container_engine_t'])),
  seccomp,
  ...sysctls,
  windowsHostProcess,
];
