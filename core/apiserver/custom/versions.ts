/**
 * The versions a kind is served in. One is stored. What is read of a custom kind is given its defaults and says that it is
 * of the version asked for, which is all that a conversion with strategy None does; of Kubernetes' own kinds, an object is
 * converted (core/api/conversion.ts). (kubernetes v1.34.1 apiextensions-apiserver/pkg/apiserver/conversion,
 * customresource_handler.go)
 */
import { convertTo, customResource, type CustomResource } from '../../api/custom/custom-resource.ts';
import type { Fields } from '../../api/custom/schema.ts';
import { toStoredVersion, toVersion } from '../../api/conversion.ts';
import { withDefaults } from '../../api/defaults.ts';
import { apiVersionOf, type ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import type {
  ApiRequest,
  CreateRequest,
  NewObject,
  Status,
  UpdateRequest,
  WatchRequest,
} from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';

/** `v1` of `example.com/v1`. */
export const versionIn = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);

/** The version a request speaks; undefined: whichever is stored. */
export function versionAsked(request: ApiRequest | WatchRequest): string | undefined {
  if (request.version !== undefined) return request.version;
  if (request.verb !== 'create' && request.verb !== 'update') return undefined;
  const { subresource } = request;
  return subresource === undefined || subresource === 'status'
    ? versionIn(request.object.apiVersion)
    : undefined;
}

/** A custom kind in a version; undefined for a kind that is none, and for a version it does not have. */
export const customIn = (info: ResourceInfo, version: string | undefined): CustomResource | undefined =>
  info.custom === undefined ? undefined : customResource(info.custom, version ?? info.version);

/** Whether a kind has a status of its own, in a version. */
export const hasStatus = (info: ResourceInfo, version: string | undefined): boolean =>
  info.custom === undefined ? info.hasStatus : customIn(info, version)?.hasStatus === true;

/** What custom resources may be selected by besides name and namespace; undefined for another kind. */
export function selectableFields(
  info: ResourceInfo,
  version: string | undefined,
): readonly string[] | undefined {
  const custom = customIn(info, version);
  if (custom === undefined) return undefined;
  return info.namespaced
    ? ['metadata.name', 'metadata.namespace', ...custom.selectableFields]
    : ['metadata.name', ...custom.selectableFields];
}

/** A stored object as it is read in a version. Most kinds have but one. */
export function shown<T extends ApiObject>(info: ResourceInfo, object: T, version: string | undefined): T {
  const custom = customIn(info, version);
  if (custom === undefined)
    return version === undefined || info.otherVersions.length === 0 || version === info.version
      ? object
      : (toVersion(object, apiVersionOf({ group: info.group, version })) as T);
  return custom.withDefaults(convertTo(object as unknown as Fields, custom)) as unknown as T;
}

/** An object as it is stored. One of Kubernetes' own kinds gets the defaults of that version too. */
export function stored<T extends NewObject>(info: ResourceInfo, object: T): T {
  if (info.custom === undefined)
    return info.otherVersions.length === 0 || object.apiVersion === apiVersionOf(info)
      ? object
      : (withDefaults(toStoredVersion(object)) as T);
  const apiVersion = apiVersionOf(info);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Kubernetes' own kinds are judged as they are stored, custom ones in the version they were sent in. */
export const judgedAs = <T extends NewObject>(info: ResourceInfo, object: T): T =>
  info.custom === undefined ? stored(info, object) : object;

/** Why a body is not what is spoken under its path. (apiserver/pkg/endpoints/handlers/create.go, update.go) */
export function otherThanAsked(
  { group }: ResourceInfo,
  { version, object }: CreateRequest | UpdateRequest,
): Status | undefined {
  if (version === undefined || versionIn(object.apiVersion) === version) return undefined;
  return badRequest(
    `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersionOf({ group, version })})`,
  );
}
