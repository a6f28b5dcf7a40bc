/** Whether what is to be created is of the kind and namespace of the URL. */
import { apiVersionOf, versionsOf, resourceOfKind, type ResourceInfo } from '../../api/kinds.ts';
import type { CreateRequest, Status } from '../../api/request.ts';
import { badRequest, plainError } from '../../api/status.ts';

/** Why an object is not created at this URL; undefined: nothing stands against it. */
export function checkTarget(
  info: ResourceInfo,
  { object, namespace: asked }: CreateRequest,
  namespace: string | undefined,
): Status | undefined {
  const { apiVersion, kind, metadata } = object;
  if (
    info.custom === undefined &&
    (kind !== info.kind || (apiVersion !== apiVersionOf(info) && !versionsOf(info).includes(apiVersion)))
  )
    return badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${info.kind}: ${unconvertible(info, apiVersion, kind)}`,
    );
  if (
    asked !== undefined &&
    metadata.namespace !== undefined &&
    metadata.namespace !== '' &&
    metadata.namespace !== namespace
  )
    return badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  if (
    metadata.resourceVersion !== undefined &&
    metadata.resourceVersion !== '' &&
    metadata.resourceVersion !== '0'
  )
    return plainError('resourceVersion should not be set on objects to be created');
  return undefined;
}

/** Why an object of one kind is none of another: both are named with the packages of their Go types. */
function unconvertible(info: ResourceInfo, apiVersion: string, kind: string): string {
  if (resourceOfKind(apiVersion, kind) === undefined)
    return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const internal = info.group === '' ? 'core' : (info.group.split('.')[0] ?? '');
  return `converting (${version}.${kind}) to (${internal}.${info.kind}): unknown conversion`;
}
