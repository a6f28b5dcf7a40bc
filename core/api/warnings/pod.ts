/** Of Pods and their templates. (kubernetes v1.34.1 pkg/api/pod/warnings.go) */
import type {
  ContainerPort,
  EnvVar,
  ObjectMeta,
  Pod,
  PodAffinity,
  PodSpec,
  PodTemplateSpec,
  Volume,
} from '../generated/types.ts';
import { compareQuantities, quantityText, roundUpQuantity } from '../../text/quantity.ts';
import { duplicates } from './duplicates.ts';
import { ipWarnings } from './ip.ts';
import { nodeLabelWarnings, termWarnings } from './node-label.ts';
import { claimSpecWarnings } from './storage.ts';
import { containersIn, type Placed } from '../pod-containers.ts';

export const podWarnings = ({ metadata, spec }: Pod): readonly string[] => [
  ...all('', metadata, spec, false),
];

/** Of the template at `field`. */
export const templateWarnings = (field: string, template: PodTemplateSpec | undefined): readonly string[] =>
  template?.spec === undefined ? [] : [...all(`${field}.`, template.metadata ?? {}, template.spec, true)];

/** In Kubernetes' order. */
function all(prefix: string, metadata: Partial<ObjectMeta>, spec: PodSpec, isTemplate: boolean): string[] {
  const [at, annotations] = [`${prefix}spec`, metadata.annotations ?? {}];
  const notes = `${prefix}metadata.annotations`;
  const containers = containersIn(at, spec);
  return [
    ...placementWarnings(at, spec),
    ...annotationWarnings(notes, annotations),
    ...(spec.volumes ?? []).flatMap((volume, i) => volumeWarnings(`${at}.volumes[${i}]`, volume)),
    ...tokenPathWarnings(at, spec),
    ...duplicates(spec.hostAliases ?? [], ({ ip }) => ip).map(
      ({ index, key }) => `${at}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(key)}`,
    ),
    ...duplicates(spec.imagePullSecrets ?? [], ({ name = '' }) => name).map(
      ({ index, key }) => `${at}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(key)}`,
    ),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name = '' }, i) =>
      name === '' ? [`${at}.imagePullSecrets[${i}].name: invalid empty name ""`] : [],
    ),
    ...bytesWarnings(`${at}.overhead`, spec.overhead),
    ...(spec.securityContext?.seccompProfile === undefined && annotations[seccompOfPod] !== undefined
      ? [`${notes}[${seccompOfPod}]: ${useSeccompField}`]
      : []),
    ...containers.flatMap((placed) => containerWarnings(placed, notes, annotations, spec, isTemplate)),
    ...portWarnings(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [
          `${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...selectorWarnings(`${at}.affinity.podAffinity`, spec.affinity?.podAffinity),
    ...selectorWarnings(`${at}.affinity.podAntiAffinity`, spec.affinity?.podAntiAffinity),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, i) =>
      ipWarnings(`${at}.dnsConfig.nameservers[${i}]`, ip),
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, i) => ipWarnings(`${at}.hostAliases[${i}].ip`, ip)),
  ];
}

const noSelector = 'a null labelSelector results in matching no pod';

function placementWarnings(at: string, spec: PodSpec): readonly string[] {
  const node = spec.affinity?.nodeAffinity;
  const field = `${at}.affinity.nodeAffinity`;
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
  } = node ?? {};
  return [
    ...Object.keys(spec.nodeSelector ?? {})
      .sort()
      .flatMap((key) => nodeLabelWarnings(`${at}.nodeSelector[${key}]`, key, '')),
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      termWarnings(`${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, term),
    ),
    ...preferred.flatMap(({ preference }, i) =>
      termWarnings(`${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, preference),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey: key, labelSelector }, i) => [
      ...nodeLabelWarnings(`${at}.topologySpreadConstraints[${i}].topologyKey`, key, `${key} is `),
      ...(labelSelector === undefined
        ? [`${at}.topologySpreadConstraints[${i}].labelSelector: ${noSelector}`]
        : []),
    ]),
  ];
}

const useSysctls = 'non-functional in v1.11+; use the "sysctls" field instead';
const deadAnnotations = [
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  ['security.alpha.kubernetes.io/sysctls', useSysctls],
  ['security.alpha.kubernetes.io/unsafe-sysctls', useSysctls],
] as const;

const annotationWarnings = (
  field: string,
  annotations: Readonly<Record<string, string>>,
): readonly string[] =>
  deadAnnotations.flatMap(([key, why]) =>
    annotations[key] === undefined ? [] : [`${field}[${key}]: ${why}`],
  );

const oldSources = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['ephemeral', '', ''],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

const volumeWarnings = (at: string, volume: Volume): readonly string[] =>
  oldSources.flatMap(([source, field, why]) => {
    if (volume[source] === undefined) return [];
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (source === 'ephemeral')
      return claim === undefined ? [] : claimSpecWarnings(`${at}.ephemeral.volumeClaimTemplate.spec`, claim);
    return [`${at}.${field}: ${why}`];
  });

/** Files where a token is to be. Kubernetes leaves out which source it is. */
function tokenPathWarnings(at: string, spec: PodSpec): readonly string[] {
  const volumes = spec.volumes ?? [];
  const tokens = new Set(
    volumes.flatMap(({ projected }) =>
      (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) =>
        token === undefined ? [] : [token.path],
      ),
    ),
  );
  if (tokens.size === 0) return [];
  return volumes.flatMap(({ projected }, i) => {
    const field = `${at}.volumes[${i}].projected.sources`;
    const clash = (place: string, path: string): readonly string[] =>
      tokens.has(path)
        ? [`${field}.${place}: has duplicated path with ServiceAccountToken ${JSON.stringify(path)}`]
        : [];
    return (projected?.sources ?? []).flatMap(({ configMap, secret, downwardAPI, clusterTrustBundle }) => [
      ...(configMap?.items ?? []).flatMap(({ path }, j) => clash(`configMap[${j}]`, path)),
      ...(secret?.items ?? []).flatMap(({ path }, j) => clash(`secrets[${j}]`, path)),
      ...(downwardAPI?.items ?? []).flatMap(({ path }, j) => clash(`downwardAPI[${j}]`, path)),
      ...(clusterTrustBundle === undefined ? [] : clash('ClusterTrustBundle', clusterTrustBundle.path)),
    ]);
  });
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const useSeccompField = 'non-functional in v1.27+; use the "seccompProfile" field instead';

/** Bytes come whole. */
function bytesWarnings(
  field: string,
  amounts: Readonly<Record<string, string>> | undefined,
  names: readonly string[] = ['memory', 'ephemeral-storage'],
): readonly string[] {
  return names.flatMap((name) => {
    const amount = amounts?.[name];
    if (amount === undefined || compareQuantities(roundUpQuantity(amount, 0), amount) === 0) return [];
    return [
      `${field}[${name}]: fractional byte value ${JSON.stringify(quantityText(amount))} is invalid, must be an integer`,
    ];
  });
}

function containerWarnings(
  { container, field }: Placed,
  notes: string,
  annotations: Readonly<Record<string, string>>,
  spec: PodSpec,
  isTemplate: boolean,
): readonly string[] {
  const { name, securityContext: security, resources } = container;
  const [seccomp, armor] = [seccompOfContainer + name, appArmor + name];
  const isConfined = (security?.appArmorProfile ?? spec.securityContext?.appArmorProfile) !== undefined;
  return [
    ...(security?.seccompProfile === undefined && annotations[seccomp] !== undefined
      ? [`${notes}[${seccomp}]: ${useSeccompField}`]
      : []),
    ...(isTemplate && !isConfined && annotations[armor] !== undefined
      ? [`${notes}[${armor}]: deprecated since v1.30; use the "appArmorProfile" field instead`]
      : []),
    ...['memory', 'ephemeral-storage'].flatMap((resource) => [
      ...bytesWarnings(`${field}.resources.limits`, resources?.limits, [resource]),
      ...bytesWarnings(`${field}.resources.requests`, resources?.requests, [resource]),
    ]),
    ...envWarnings(`${field}.env`, container.env ?? []),
  ];
}

/** A variable may be made longer by itself: `PATH=$(PATH):/opt`. */
function envWarnings(field: string, env: readonly EnvVar[]): readonly string[] {
  return duplicates(env, ({ name }) => name).flatMap(({ index, key, item }) => {
    const reference = `$(${key})`;
    const { value = '', valueFrom } = item;
    const isLonger = valueFrom === undefined && value !== reference && value.includes(reference);
    return isLonger
      ? []
      : [
          `${field}[${index}]: hides previous definition of ${JSON.stringify(key)}, which may be dropped when using apply`,
        ];
  });
}

/** Ports of all containers are ports of one address. */
function portWarnings(containers: readonly Placed[]): readonly string[] {
  const taken = new Map<string, { readonly field: string; readonly port: ContainerPort }[]>();
  return containers.flatMap(({ container, field }) =>
    (container.ports ?? []).flatMap((port, i) => {
      const at = `${field}.ports[${i}]`;
      const key = `${port.containerPort}/${port.protocol ?? ''}`;
      const others = taken.get(key) ?? [];
      const found = others.flatMap((other) => {
        const what = clash(port, other.port);
        return what === undefined ? [] : [`${at}: ${what} port definition with ${other.field}`];
      });
      taken.set(key, [...others, { field: at, port }]);
      const isHalf = (port.hostIP ?? '') !== '' && (port.hostPort ?? 0) === 0;
      return [...(isHalf ? [`${at}: hostIP set without hostPort: ${goText(port)}`] : []), ...found];
    }),
  );
}

function clash(port: ContainerPort, other: ContainerPort): string | undefined {
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [ip, otherIP] = [port.hostIP ?? '', other.hostIP ?? ''];
  if (ip === otherIP && host === otherHost) return 'duplicate';
  if (host === 0 || otherHost === 0) return 'overlapping';
  return host === otherHost && (ip === '') !== (otherIP === '') ? 'dangerously ambiguous' : undefined;
}

/** As Go prints a struct. */
const goText = (port: ContainerPort): string =>
  `{Name:${port.name ?? ''} HostPort:${port.hostPort ?? 0} ContainerPort:${port.containerPort} Protocol:${port.protocol ?? ''} HostIP:${port.hostIP ?? ''}}`;

function selectorWarnings(at: string, affinity: PodAffinity | undefined): readonly string[] {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required = [],
    preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
  } = affinity ?? {};
  return [
    ...required.flatMap(({ labelSelector }, i) =>
      labelSelector === undefined
        ? [`${at}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${noSelector}`]
        : [],
    ),
    ...preferred.flatMap(({ podAffinityTerm: { labelSelector } }, i) =>
      labelSelector === undefined
        ? [
            `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${noSelector}`,
          ]
        : [],
    ),
  ];
}
