/**
 * Aim: the roles of a new cluster let the components do their work and no more. Method: invariants that hold between roles
 * and bindings, and a table of who may what. Not checked here: that no role of kubernetes v1.34.1 is missing, and that each
 * has exactly its rules; that a whole cluster runs on them test/sim/engine/credentials.test.ts shows.
 */
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../../core/api/object.ts';
import { emptyView, withObject, type View } from '../../../../core/api/view.ts';
import {
  adminUser,
  anonymous,
  componentUser,
  controllerUser,
  nodeUser,
  superAdminUser,
  userNamed,
  type UserInfo,
} from '../../../../core/apiserver/authentication/identities.ts';
import { authorize } from '../../../../core/apiserver/authorization/authorize.ts';
import {
  bootstrapClusterRoleBindings,
  bootstrapClusterRoles,
  bootstrapRoleBindings,
  bootstrapRoles,
  type BootstrapObject,
} from '../../../../core/apiserver/authorization/bootstrap-roles.ts';

function filled(resource: string, objects: readonly BootstrapObject[]): View {
  let view: View = emptyView(resource);
  objects.forEach((bare, i) => {
    const { namespace, name } = bare.metadata;
    const object = bare as unknown as ApiObject;
    view = withObject(
      view,
      namespace === undefined ? name : `${namespace}/${name}`,
      object,
      i + 1,
      undefined,
    );
  });
  return view;
}

const views = {
  roles: filled('roles', bootstrapRoles),
  roleBindings: filled('rolebindings', bootstrapRoleBindings),
  clusterRoles: filled('clusterroles', bootstrapClusterRoles),
  clusterRoleBindings: filled('clusterrolebindings', bootstrapClusterRoleBindings),
  pods: filled('pods', []),
  persistentVolumes: filled('persistentvolumes', []),
};

const nameOf = (object: BootstrapObject): string => object.metadata.name;

test('every binding leads to a role that is there, and no name comes twice', () => {
  const roles = new Set(bootstrapClusterRoles.map(nameOf));
  expect(roles.size).toBe(bootstrapClusterRoles.length);
  expect(bootstrapClusterRoleBindings.filter((binding) => !roles.has(binding.roleRef.name))).toEqual([]);
  expect(new Set(bootstrapClusterRoleBindings.map(nameOf)).size).toBe(bootstrapClusterRoleBindings.length);
});

test('the roles that are sums have what their parts have', () => {
  const rulesOf = (name: string) =>
    (bootstrapClusterRoles.find((role) => role.metadata.name === name)?.rules ?? []).map((rule) =>
      JSON.stringify(rule),
    );
  const [admin, edit, view] = [rulesOf('admin'), rulesOf('edit'), rulesOf('view')];
  expect(edit).toEqual(expect.arrayContaining(view));
  expect(admin).toEqual(expect.arrayContaining(edit));
  expect([admin.length, edit.length, view.length]).toEqual([
    ...[admin, edit, view].map((rules) => new Set(rules).size),
  ]);
});

const who: Readonly<Record<string, UserInfo>> = {
  scheduler: componentUser('kube-scheduler'),
  manager: componentUser('kube-controller-manager'),
  kubelet: nodeUser('node-1'),
  replicasets: controllerUser('replicaset-controller'),
  collector: controllerUser('generic-garbage-collector'),
  namespaces: controllerUser('namespace-controller'),
  provisioner: controllerUser('external-provisioner'),
  admin: adminUser,
  super: superAdminUser,
  jane: userNamed('jane'),
  nobody: anonymous,
};

/** `who verb resource[.group][/subresource] [namespace]`, and whether it is allowed. */
const table = `
scheduler   create pods/binding default                yes
scheduler   patch pods/status default                  yes
scheduler   create pods default                        no
scheduler   watch nodes                                yes
scheduler   list storageclasses.storage.k8s.io         yes
scheduler   create events.events.k8s.io default        yes
manager     watch deployments.apps                     yes
manager     watch anything.example.com                 yes
manager     create pods default                        no
replicasets create pods default                        yes
replicasets update replicasets.apps/status default     yes
replicasets update deployments.apps default            no
collector   delete anything.example.com default        yes
namespaces  deletecollection pods default              yes
namespaces  update namespaces/finalize                 yes
provisioner create persistentvolumes                   yes
kubelet     patch nodes/status                         yes
kubelet     create events default                      yes
kubelet     create pods/binding default                no
admin       delete nodes                               yes
admin       impersonate users                          yes
super       delete nodes                               yes
jane        list pods default                          no
jane        create selfsubjectaccessreviews.authorization.k8s.io  yes
nobody      create selfsubjectaccessreviews.authorization.k8s.io  no`.trim();

test.each(table.split('\n'))('%s', (row) => {
  const words = row.split(/\s+/);
  const [name = '', verb = '', what = ''] = words;
  const [path = '', subresource = ''] = what.split('/');
  const dot = path.indexOf('.');
  const decision = authorize(views, who[name] ?? anonymous, {
    verb,
    apiGroup: dot < 0 ? '' : path.slice(dot + 1),
    resource: dot < 0 ? path : path.slice(0, dot),
    subresource,
    namespace: words.length === 5 ? (words[3] ?? '') : '',
    name: '',
    fieldSelector: '',
  });
  expect(decision.allowed ? 'yes' : 'no').toBe(words.at(-1));
});

test('health is for everyone, the rest of the paths for those who are known', () => {
  const may = (user: UserInfo, path: string): boolean =>
    authorize(views, user, { verb: 'get', path }).allowed;
  expect([
    may(anonymous, '/healthz'),
    may(anonymous, '/apis'),
    may(who['jane'] ?? anonymous, '/apis'),
  ]).toEqual([true, false, true]);
  expect([may(who['jane'] ?? anonymous, '/metrics'), may(adminUser, '/metrics')]).toEqual([false, true]);
});
