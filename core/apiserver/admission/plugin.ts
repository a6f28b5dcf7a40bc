/**
 * What every admission plugin is: it may change an object that is on its way in (admit), or refuse it as it will be stored
 * (validate). Pure: it reads the server's views, and nothing else. (kubernetes v1.34.1 apiserver/pkg/admission/interfaces.go)
 */
import type { ServiceAccount } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import type { Status } from '../../api/request.ts';
import { forbiddenStatus } from '../../api/status.ts';
import type { View } from '../../api/view.ts';
import type { UserInfo } from '../authentication/identities.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for what has none. */
  readonly namespace: string;
  /** As the request names it: empty where a creation leaves the name to be made. */
  readonly name: string;
  /** What is to be stored; undefined for a deletion. */
  readonly object: ApiObject | undefined;
  /** What is stored; undefined for a creation. */
  readonly oldObject: ApiObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
}

export interface AdmissionContext {
  /** The objects of a resource as this server knows them. */
  readonly view: (resource: string) => View;
  /** The account of a Pod, where it was found in etcd before this server knew of it. */
  readonly account?: ServiceAccount | undefined;
  /**
   * The five letters of the volume in which a Pod gets its account's token, as a name generator makes them. Undefined: no
   * token is mounted. An apiserver leaves it so: no program reads a token here, and the Pods of one template stay alike.
   */
  readonly tokenVolumeSuffix?: string | undefined;
  /** The names of plugins that are off: one list for as long as the server runs. (--disable-admission-plugins) */
  readonly disabled?: readonly string[] | undefined;
}

export interface AdmissionPlugin {
  readonly name: string;
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  /** The subresources it looks at. Undefined: none, the object itself alone. */
  readonly subresources?: readonly string[];
  /** The object with what the plugin makes of it, or why it is refused. The same object where nothing changes. */
  readonly admit?: (
    attributes: AdmissionAttributes,
    object: ApiObject,
    context: AdmissionContext,
  ) => ApiObject | Status;
  /** Why it is refused; undefined: it is not. */
  readonly validate?: (attributes: AdmissionAttributes, context: AdmissionContext) => Status | undefined;
}

/** Whether a plugin's or a chain's answer is a refusal. */
export const isRefusal = (answer: ApiObject | Status): answer is Status => 'code' in answer;

/** 403 for an object that is being admitted: it may not have its name yet. (apiserver/pkg/admission/errors.go) */
export function refuse(
  { resource, name, object }: Pick<AdmissionAttributes, 'resource' | 'name' | 'object'>,
  why: string,
): Status {
  const given = object?.metadata;
  const known = name === '' ? (given?.name ?? '') : name;
  return forbiddenStatus(resource, known === '' ? (given?.generateName ?? 'Unknown') : known, why);
}
