/** Who may, and what is asked before a write. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import { selectorGoText } from '../go/selector-text.ts';
import type {
  ClusterRoleBinding,
  MutatingWebhookConfiguration,
  RoleBinding,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '../generated/types.ts';
import { age, integer, name, printer, text, wide, type Printer } from './column.ts';
import { unset } from './format.ts';

export const serviceAccountPrinter: Printer = printer<ServiceAccount>([
  name,
  text('Secrets', ({ secrets }) => secrets?.length ?? 0),
  age,
]);

type Binding = RoleBinding | ClusterRoleBinding;

/** Of RoleBindings and ClusterRoleBindings. */
export const bindingPrinter: Printer = printer<Binding>([
  name,
  text('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  age,
  wide('Users', (binding) => subjects(binding, 'User')),
  wide('Groups', (binding) => subjects(binding, 'Group')),
  wide('ServiceAccounts', (binding) => subjects(binding, 'ServiceAccount')),
]);

const subjects = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');

/** Of both kinds of webhook configurations. */
export const webhookPrinter: Printer = printer<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>(
  [name, integer('Webhooks', ({ webhooks }) => webhooks?.length ?? 0), age],
);

export const validatingAdmissionPolicyPrinter: Printer = printer<ValidatingAdmissionPolicy>([
  name,
  integer('Validations', ({ spec }) => spec.validations?.length ?? 0),
  text('ParamKind', ({ spec: { paramKind } }) =>
    paramKind === undefined ? unset : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`,
  ),
  age,
]);

export const validatingAdmissionPolicyBindingPrinter: Printer = printer<ValidatingAdmissionPolicyBinding>([
  name,
  text('PolicyName', ({ spec }) => spec.policyName ?? ''),
  text('ParamRef', paramRef),
  age,
]);

/** Whether a parameter is of a cluster or of some namespace cannot be told from here, so that is a star. */
function paramRef({ spec: { paramRef: reference } }: ValidatingAdmissionPolicyBinding): string {
  if (reference === undefined) return unset;
  const { name = '', namespace = '', selector } = reference;
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`;
  return selector === undefined ? unset : selectorGoText(selector);
}
