/** The users of a cluster as kubeadm sets it up, and the credentials they carry. */
import type { VirtualTime } from '../../time/time.ts';
import type { Certificate } from './authenticate.ts';

export interface UserInfo {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
}

/** What everyone who was believed is a member of. */
export const authenticatedGroup = 'system:authenticated';
const unauthenticatedGroup = 'system:unauthenticated';
/** May everything, whatever the roles say. */
export const mastersGroup = 'system:masters';
export const nodesGroup = 'system:nodes';

export const anonymous: UserInfo = {
  name: 'system:anonymous',
  uid: '',
  groups: [unauthenticatedGroup],
};

/** Users are made once: decisions are remembered by the object. */
const made = new Map<string, UserInfo>();

/** The user of a name and groups; `system:authenticated` is added as the server does it. */
export function userNamed(name: string, groups: readonly string[] = [], uid = ''): UserInfo {
  const key = JSON.stringify([name, uid, ...groups]);
  const known = made.get(key);
  if (known !== undefined) return known;
  const user: UserInfo = {
    name,
    uid,
    groups: groups.includes(authenticatedGroup) ? groups : [...groups, authenticatedGroup],
  };
  if (made.size >= mostRemembered) made.clear();
  made.set(key, user);
  return user;
}

/** More than the nodes and service accounts of the largest cluster. */
const mostRemembered = 100_000;

/** `system:kube-scheduler`, `system:kube-controller-manager`, `system:kube-proxy`. */
export const componentUser = (component: string): UserInfo => userNamed(`system:${component}`);

export const nodeUserPrefix = 'system:node:';

export const nodeUser = (nodeName: string): UserInfo =>
  userNamed(`${nodeUserPrefix}${nodeName}`, [nodesGroup]);

/** The person with the administrator's kubeconfig. (kubeadm's kubernetes-super-admin is in system:masters, its admin in its own group) */
export const adminUser: UserInfo = userNamed('kubernetes-admin', ['kubeadm:cluster-admins']);
export const superAdminUser: UserInfo = userNamed('kubernetes-super-admin', [mastersGroup]);

export const serviceAccountUserPrefix = 'system:serviceaccount:';

/** (apiserver/pkg/authentication/serviceaccount/util.go) */
export const serviceAccountUser = (namespace: string, name: string, uid = ''): UserInfo =>
  userNamed(
    `${serviceAccountUserPrefix}${namespace}:${name}`,
    ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    uid,
  );

/** A controller of the controller manager, which runs each with its own account (--use-service-account-credentials). */
export const controllerUser = (controller: string): UserInfo => serviceAccountUser('kube-system', controller);

export const certificateOf = (user: UserInfo, notAfter?: VirtualTime): Certificate => ({
  type: 'certificate',
  user,
  notAfter,
});
