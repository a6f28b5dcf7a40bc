/**
 * The versions a custom kind is served in. One is stored; what is read is given its defaults and says that it is of the
 * version asked for, which is all that a conversion with strategy None does. (kubernetes v1.34.1
 * apiextensions-apiserver/pkg/apiserver/conversion, customresource_handler.go)
 */
import { convertTo, customResource, type CustomResource } from '../../api/custom/custom-resource.ts';
import type { Fields } from '../../api/custom/schema.ts';
import { apiVersionOf, type ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject } from '../../api/object.ts';
import type { ApiRequest, NewObject, WatchRequest } from '../../api/request.ts';

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

/** A stored custom resource as it is read; an object of another kind as it is. */
export function shown<T extends ApiObject>(info: ResourceInfo, object: T, version: string | undefined): T {
  const custom = customIn(info, version);
  if (custom === undefined) return object;
  return custom.withDefaults(convertTo(object as unknown as Fields, custom)) as unknown as T;
}

/** A custom resource as it is stored; an object of another kind as it is. */
export function stored<T extends NewObject>(info: ResourceInfo, object: T): T {
  if (info.custom === undefined) return object;
  const apiVersion = apiVersionOf(info);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
