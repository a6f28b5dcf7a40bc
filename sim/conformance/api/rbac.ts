/**
 * Family rbac: whether a rule allows, what the authorizer decides and says, how a refusal is worded, who may grant what.
 * Every field is compared. One text is not the server's: the recordings were made with roles in a list, whose answer for a
 * role that is missing is `clusterrole not found`, where a server says `clusterrole.rbac.authorization.k8s.io "x" not
 * found`; the recorded form is made of the real one, name by name, before comparing.
 */
import type { PolicyRule } from '../../../core/api/generated/types.ts';
import { keyOf, type ApiObject } from '../../../core/api/object.ts';
import { emptyView, withObject, type View } from '../../../core/api/view.ts';
import type { UserInfo } from '../../../core/apiserver/authentication/identities.ts';
import { forbiddenRequest, type Attributes } from '../../../core/apiserver/authorization/attributes.ts';
import type { AuthorizationViews } from '../../../core/apiserver/authorization/authorize.ts';
import { confirmNoEscalation } from '../../../core/apiserver/authorization/escalation.ts';
import { authorizeRbac } from '../../../core/apiserver/authorization/rbac.ts';
import { ruleAllows } from '../../../core/apiserver/authorization/rule.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase, Verdict } from '../family.ts';

interface RecordedRequest {
  readonly verb: string;
  readonly path?: string;
  readonly apiGroup?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export const rbacFamily: Family = {
  name: 'rbac',
  *answer(cases) {
    for (const [index, recorded] of cases.entries()) {
      const verdict = verdictOf(recorded);
      if (verdict !== undefined) yield { ...verdict, name: `${index} ${verdict.name}` };
    }
  },
};

function verdictOf(recorded: RecordedCase): Verdict | undefined {
  const op = String(recorded['op']);
  const name = `${op} ${JSON.stringify(recorded['request'] ?? recorded['wanted'])}`;
  const [want, got] = answers(op, recorded);
  return { name, difference: firstDifference(want, got) };
}

/** What was recorded and what wavetank answers. */
function answers(op: string, recorded: RecordedCase): readonly [unknown, unknown] {
  switch (op) {
    case 'rulesAllow': {
      const rules = (recorded['rules'] ?? []) as readonly PolicyRule[];
      const attributes = attributesOf(recorded['request'] as RecordedRequest);
      return [recorded['allowed'], rules.some((rule) => ruleAllows(rule, attributes))];
    }
    case 'authorize':
      return authorizeAnswers(recorded);
    case 'forbiddenMessage': {
      const user = userOf({ name: String(recorded['user']) });
      const attributes = attributesOf(recorded['request'] as RecordedRequest);
      const { message, details } = forbiddenRequest(attributes, user, String(recorded['reason'] ?? ''));
      return [
        { message: recorded['message'], details: recorded['details'] },
        { message, details },
      ];
    }
    case 'confirmNoEscalation': {
      const own = recorded['ownRules'] as readonly PolicyRule[];
      const user = userOf({ name: String(recorded['user']), groups: recorded['groups'] as string[] });
      const views = viewsOf({
        clusterRoles: [{ metadata: { name: 'own' }, rules: own }],
        clusterRoleBindings: [
          {
            metadata: { name: 'own' },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'own' },
            subjects: [{ kind: 'User', name: user.name }],
          },
        ],
      });
      const error = confirmNoEscalation(views, user, '', recorded['wanted'] as readonly PolicyRule[]);
      return [
        { ok: recorded['ok'], error: recorded['error'] },
        { ok: error === undefined, error },
      ];
    }
    default:
      return [`the operation ${op}`, 'not known'];
  }
}

function authorizeAnswers(recorded: RecordedCase): readonly [unknown, unknown] {
  const user = userOf(recorded['user'] as { name: string; groups?: string[] });
  const attributes = attributesOf(recorded['request'] as RecordedRequest);
  const { allowed, reason: real } = authorizeRbac(viewsOf(recorded), user, attributes);
  const reason = allowed ? real : asRecorded(real);
  const { code, details, message, reason: status } = forbiddenRequest(attributes, user, reason);
  return [
    { decision: recorded['decision'], reason: recorded['reason'], forbidden: recorded['forbidden'] },
    {
      decision: allowed ? 'allow' : 'noOpinion',
      reason,
      forbidden: allowed ? undefined : { code, details, message, reason: status },
    },
  ];
}

/** Roles that are missing have no names in a recording, and are therefore told once. */
function asRecorded(reason: string): string {
  const missing = reason.match(/(?:cluster)?role(?=\.rbac\.authorization\.k8s\.io "[^"]*" not found)/g);
  if (missing === null) return reason;
  const texts = [...new Set(missing.map((kind) => `${kind} not found`))];
  return `RBAC: ${texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`}`;
}

const userOf = ({ name, groups = [] }: { name: string; groups?: readonly string[] }): UserInfo => ({
  name,
  uid: '',
  groups,
});

function attributesOf(request: RecordedRequest): Attributes {
  const { verb, path } = request;
  if (path !== undefined) return { verb, path };
  return {
    verb,
    apiGroup: request.apiGroup ?? '',
    resource: request.resource ?? '',
    subresource: request.subresource ?? '',
    namespace: request.namespace ?? '',
    name: request.name ?? '',
    fieldSelector: '',
  };
}

const viewsOf = (recorded: RecordedCase): AuthorizationViews => ({
  roles: viewOf('roles', 'Role', recorded['roles']),
  roleBindings: viewOf('rolebindings', 'RoleBinding', recorded['roleBindings']),
  clusterRoles: viewOf('clusterroles', 'ClusterRole', recorded['clusterRoles']),
  clusterRoleBindings: viewOf('clusterrolebindings', 'ClusterRoleBinding', recorded['clusterRoleBindings']),
  pods: emptyView<string>('pods'),
  persistentVolumes: emptyView<string>('persistentvolumes'),
});

function viewOf(resource: string, kind: string, objects: unknown): View {
  let view = emptyView(resource);
  for (const object of (objects ?? []) as readonly ApiObject[])
    view = withObject(view, keyOf(object), { ...object, kind }, 1);
  return view;
}
