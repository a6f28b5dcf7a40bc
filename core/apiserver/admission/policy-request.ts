/** A request as admission policies see it. */
import { celValue } from '../../cel/value.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import type { Namespace } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import type { UserInfo } from '../authentication/identities.ts';

export interface PolicyRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly info: Pick<ResourceInfo, 'resource' | 'plural' | 'kind' | 'group' | 'version' | 'otherVersions'>;
  /** The version asked for. */
  readonly version: string;
  readonly subresource: string;
  /** Empty for what has none. */
  readonly namespace: string;
  /** As the request names it: empty where a creation leaves the name to be made. */
  readonly name: string;
  readonly object: ApiObject | undefined;
  readonly oldObject: ApiObject | undefined;
  /** The namespace it is in, as this server knows it. */
  readonly namespaceObject: Namespace | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
}

/** `request` in CEL: what is empty is not there. (apiserver/pkg/admission/plugin/cel/condition.go CreateAdmissionRequest) */
export function celRequest(request: PolicyRequest): Readonly<Record<string, unknown>> {
  const { info, version, subresource, namespace, name, operation, user, dryRun } = request;
  const kind = { group: info.group, version, kind: info.kind };
  const resource = { group: info.group, version, resource: info.plural };
  return {
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    operation,
    dryRun,
    userInfo: {
      ...present('username', user.name),
      ...present('uid', user.uid),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
    },
    ...present('subResource', subresource),
    ...present('requestSubResource', subresource),
    ...present('name', name),
    ...present('namespace', namespace),
    options: {},
  };
}

const present = (field: string, text: string): Readonly<Record<string, string>> =>
  text === '' ? {} : { [field]: text };

/** `namespaceObject` in CEL: without managed fields and owners; null for what is in no namespace. */
export function celNamespace({ namespaceObject, info }: PolicyRequest): unknown {
  if (namespaceObject === undefined || (info.resource === 'namespaces' && info.group === '')) return null;
  const { spec, status, metadata } = namespaceObject;
  const { managedFields: _, ownerReferences: __, uid, ...seen } = metadata;
  return celValue({ metadata: { ...seen, UID: uid }, spec, status });
}
