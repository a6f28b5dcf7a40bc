/** Files of several sources in one volume. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, validateProjectionSources) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../generated/types.ts';
import { checkLabelSelector, json, type Errors } from './fields.ts';
import { checkFieldReference, checkResourceReference } from './downward.ts';
import { checkFilePath, checkItem, checkMode } from './paths.ts';

/** What a volume may tell of its Pod. */
const fieldsOfPod = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Kubernetes names the list, not the item. */
export function checkDownwardFile(errors: Errors, field: string, file: DownwardAPIVolumeFile): void {
  if (file.path === '') errors.push(required(`${field}.path`));
  checkFilePath(errors, `${field}.path`, file.path);
  if (file.fieldRef !== undefined) {
    checkFieldReference(errors, `${field}.fieldRef`, file.fieldRef, fieldsOfPod);
    if (file.resourceFieldRef !== undefined)
      errors.push(
        invalidValue(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'),
      );
  } else if (file.resourceFieldRef !== undefined)
    checkResourceReference(errors, `${field}.resourceFieldRef`, file.resourceFieldRef, true);
  else errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
  checkMode(errors, `${field}.mode`, file.mode);
}

export function checkProjected(errors: Errors, field: string, volume: ProjectedVolumeSource): void {
  checkMode(errors, `${field}.defaultMode`, volume.defaultMode);
  const paths = new Set<string>();
  /** Each file has a path of its own. */
  const take = (path: string, shown: string): void => {
    if (path === '') return;
    if (paths.has(path)) errors.push(invalidValue(field, shown, 'conflicting duplicate paths'));
    paths.add(path);
  };
  (volume.sources ?? []).forEach((source, i) => {
    checkProjection(errors, field, `${field}.sources[${i}]`, source, take);
  });
}

type Take = (path: string, shown: string) => void;

function checkProjection(
  errors: Errors,
  volume: string,
  field: string,
  source: VolumeProjection,
  take: Take,
): void {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  for (const [part, list] of [
    ['secret', secret],
    ['configMap', configMap],
  ] as const)
    if (list !== undefined) checkKeys(errors, `${field}.${part}`, list, take);
  for (const file of downwardAPI?.items ?? []) {
    checkDownwardFile(errors, `${field}.downwardAPI`, file);
    take(file.path, file.path);
  }
  if (serviceAccountToken !== undefined)
    checkToken(errors, volume, `${field}.serviceAccountToken`, serviceAccountToken);
  if (clusterTrustBundle !== undefined) {
    checkTrustBundle(errors, `${field}.clusterTrustBundle`, clusterTrustBundle);
    take(clusterTrustBundle.path, clusterTrustBundle.path);
  }
  const given = Object.values(source).filter((part: unknown) => part !== undefined).length;
  if (given > 1) errors.push(forbidden(field, 'may not specify more than 1 volume type per source'));
}

function checkKeys(
  errors: Errors,
  field: string,
  {
    name = '',
    items = [],
  }: { readonly name?: string | undefined; readonly items?: readonly KeyToPath[] | undefined },
  take: Take,
): void {
  if (name === '') errors.push(required(`${field}.name`));
  items.forEach((item, i) => {
    checkItem(errors, `${field}.items[${i}]`, item);
    take(item.path, name);
  });
}

/** Ten minutes. */
const leastTokenSeconds = 600;
const mostTokenSeconds = 4_294_967_296;

/** Where the path is wrong, Kubernetes names the volume. */
function checkToken(
  errors: Errors,
  volume: string,
  field: string,
  { path, expirationSeconds = 3600 }: ServiceAccountTokenProjection,
): void {
  const wrong = (detail: string): void => {
    errors.push(invalidValue(`${field}.expirationSeconds`, expirationSeconds, detail));
  };
  if (expirationSeconds < leastTokenSeconds) wrong('may not specify a duration less than 10 minutes');
  if (expirationSeconds > mostTokenSeconds) wrong('may not specify a duration larger than 2^32 seconds');
  if (path === '') errors.push(required(`${volume}.path`));
  else checkFilePath(errors, `${volume}.path`, path);
}

function checkTrustBundle(errors: Errors, field: string, bundle: ClusterTrustBundleProjection): void {
  const { name, signerName, labelSelector, path } = bundle;
  if (name !== undefined && signerName !== undefined)
    errors.push(invalidValue(field, json(bundle), 'only one of name and signerName may be used'));
  else if (name !== undefined) {
    if (name === '') errors.push(required(`${field}.name`, 'must be a valid object name'));
    if (labelSelector !== undefined)
      errors.push(
        invalidValue(
          `${field}.labelSelector`,
          json(labelSelector),
          'labelSelector must be unset if name is specified',
        ),
      );
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(required(`${field}.signerName`, 'must be a valid signer name'));
    checkLabelSelector(errors, `${field}.labelSelector`, labelSelector);
  } else errors.push(required(field, 'either name or signerName must be specified'));
  if (path === '') errors.push(required(`${field}.path`));
  checkFilePath(errors, `${field}.path`, path);
}
