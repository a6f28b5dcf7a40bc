/**
 * ServiceAccount: a Pod runs as an account that is there, with its pull secrets and, where asked, its token.
 * (kubernetes v1.34.1 plugin/pkg/admission/serviceaccount/admission.go)
 */
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/generated/types.ts';
import { isMirror } from '../../api/pod.ts';
import type { Status } from '../../api/request.ts';
import {
  isRefusal,
  refuse,
  type AdmissionAttributes,
  type AdmissionContext,
  type AdmissionPlugin,
} from './plugin.ts';

export const serviceAccountPlugin: AdmissionPlugin = {
  name: 'ServiceAccount',
  resources: ['pods'],
  operations: ['CREATE', 'UPDATE'],
  subresources: ['ephemeralcontainers'],
  admit: (attributes, object, context) => {
    if (attributes.operation !== 'CREATE' || attributes.subresource !== '') return object;
    const pod = object as Pod;
    if (isMirror(pod)) return mirrorRefusal(attributes, pod) ?? pod;
    const spec = withAccountName(pod.spec);
    const account = accountFor(attributes, spec, context);
    if (isRefusal(account)) return account;
    const mounted =
      context.tokenVolumeSuffix === undefined
        ? spec
        : withTokenVolume(spec, account, `kube-api-access-${context.tokenVolumeSuffix}`);
    return { ...pod, spec: withPullSecrets(mounted, account) };
  },
  validate: (attributes, context) => {
    const pod = attributes.object as Pod;
    if (attributes.subresource === 'ephemeralcontainers') return refusalOfEphemeral(attributes, pod, context);
    if (attributes.operation !== 'CREATE') return undefined;
    if (isMirror(pod)) return mirrorRefusal(attributes, pod);
    const account = accountFor(attributes, pod.spec, context);
    if (isRefusal(account)) return account;
    if (!enforcesSecrets(account)) return undefined;
    const problem = unlistedSecret(pod.spec, account);
    return problem === undefined ? undefined : refuse(attributes, problem);
  },
};

/** The account a new Pod will run as. */
export const accountNameOf = ({ serviceAccountName, serviceAccount }: PodSpec): string => {
  const name = serviceAccountName ?? serviceAccount ?? '';
  return name === '' ? 'default' : name;
};

function withAccountName(spec: PodSpec): PodSpec {
  const name = accountNameOf(spec);
  return spec.serviceAccountName === name && spec.serviceAccount === name
    ? spec
    : { ...spec, serviceAccountName: name, serviceAccount: name };
}

function accountFor(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  context: AdmissionContext,
): ServiceAccount | Status {
  const name = accountNameOf(spec);
  const key = `${attributes.namespace}/${name}`;
  const found = context.view('serviceaccounts').objects.get(key) as ServiceAccount | undefined;
  return (
    found ??
    context.account ??
    refuse(
      attributes,
      `error looking up service account ${key}: serviceaccount ${JSON.stringify(name)} not found`,
    )
  );
}

function mirrorRefusal(attributes: AdmissionAttributes, { spec }: Pod): Status | undefined {
  if ((spec.serviceAccountName ?? '') !== '')
    return refuse(attributes, 'a mirror pod may not reference service accounts');
  for (const volume of spec.volumes ?? []) {
    if (volume.secret !== undefined) return refuse(attributes, 'a mirror pod may not reference secrets');
    if (volume.projected?.sources?.some((source) => source.serviceAccountToken !== undefined) === true)
      return refuse(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
  return undefined;
}

const withPullSecrets = (spec: PodSpec, account: ServiceAccount): PodSpec =>
  (spec.imagePullSecrets ?? []).length > 0 || (account.imagePullSecrets ?? []).length === 0
    ? spec
    : { ...spec, imagePullSecrets: account.imagePullSecrets };

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The spec with the account's token in every container that has nothing at its place. */
export function withTokenVolume(spec: PodSpec, account: ServiceAccount, volumeName: string): PodSpec {
  if (!(spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)) return spec;
  const existing = (spec.volumes ?? []).find(
    ({ name, projected }) => name.startsWith('kube-api-access-') && projected !== undefined,
  );
  const name = existing?.name ?? volumeName;
  let isNeeded = false;
  const mounted = (container: Container): Container => {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some((mount) => mount.mountPath === mountPath)) return container;
    isNeeded = true;
    return { ...container, volumeMounts: [...mounts, { mountPath, name, readOnly: true }] };
  };
  const initContainers = spec.initContainers?.map(mounted);
  const containers = spec.containers.map(mounted);
  if (!isNeeded) return spec;
  const volumes = existing === undefined ? [...(spec.volumes ?? []), tokenVolume(name)] : spec.volumes;
  const next = { ...spec, containers, volumes };
  return initContainers === undefined ? next : { ...next, initContainers };
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      // An hour and 7 seconds: the kubelet's tokens are known by it.
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
      {
        downwardAPI: {
          items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
        },
      },
    ],
  },
});

const enforcesSecrets = ({ metadata }: ServiceAccount): boolean =>
  ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(
    metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] ?? '',
  );

function unlistedSecret(spec: PodSpec, account: ServiceAccount): string | undefined {
  const { name } = account.metadata;
  const listed = new Set((account.secrets ?? []).map((secret) => secret.name));
  for (const volume of spec.volumes ?? []) {
    const secret = volume.secret?.secretName;
    if (volume.secret !== undefined && !listed.has(secret))
      return `volume with secret.secretName="${secret ?? ''}" is not allowed because service account ${name} does not reference that secret`;
  }
  const inContainers =
    unlistedIn('init container', spec.initContainers ?? [], account) ??
    unlistedIn('container', spec.containers, account);
  if (inContainers !== undefined) return inContainers;
  const pulls = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name));
  const place = (spec.imagePullSecrets ?? []).findIndex((secret) => !pulls.has(secret.name));
  return place < 0
    ? undefined
    : `imagePullSecrets[${place}].name="${spec.imagePullSecrets?.[place]?.name ?? ''}" is not allowed because service account ${name} does not reference that imagePullSecret`;
}

type WithEnv = Pick<Container, 'name' | 'env'>;

function unlistedIn(
  what: string,
  containers: readonly WithEnv[],
  { metadata, secrets = [] }: ServiceAccount,
): string | undefined {
  const listed = new Set(secrets.map((secret) => secret.name));
  for (const container of containers)
    for (const variable of container.env ?? []) {
      const secret = variable.valueFrom?.secretKeyRef;
      if (secret !== undefined && !listed.has(secret.name))
        return `${what} ${container.name} with envVar ${variable.name} referencing secret.secretName="${secret.name ?? ''}" is not allowed because service account ${metadata.name} does not reference that secret`;
    }
  return undefined;
}

/** Containers that come later may read no other secrets than those that were there. */
function refusalOfEphemeral(
  attributes: AdmissionAttributes,
  pod: Pod,
  context: AdmissionContext,
): Status | undefined {
  if ((pod.spec.serviceAccountName ?? '') === '')
    return refuse(
      attributes,
      `no service account specified for pod ${attributes.namespace}/${pod.metadata.name}`,
    );
  const account = accountFor(attributes, pod.spec, context);
  if (isRefusal(account)) return account;
  if (!enforcesSecrets(account)) return undefined;
  const problem = unlistedIn('ephemeral container', pod.spec.ephemeralContainers ?? [], account);
  return problem === undefined ? undefined : refuse(attributes, problem);
}
