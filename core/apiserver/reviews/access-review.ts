/** Whether somebody may do something: the apiserver asks its own authorizer (kubernetes v1.34.1 pkg/registry/authorization/subjectaccessreview/rest.go and its neighbours). */
import { invalidKind } from '../../api/status.ts';
import { invalidValue, type FieldError } from '../../api/field-error.ts';
import type { Json } from '../../api/generated/types.ts';
import type { Status } from '../../api/request.ts';
import { decisionFor } from '../access.ts';
import type { UserInfo } from '../authentication/identities.ts';
import type { Attributes } from '../authorization/attributes.ts';
import type { ApiserverState, RequestEvent } from '../state.ts';
import type { Review } from './review-kinds.ts';

type Fields = Readonly<Record<string, unknown>>;
type Answered = { readonly status: object } | Status;

/** SubjectAccessReview: of anybody. */
export const subjectAccess = (state: ApiserverState, review: Review): Answered =>
  decided(state, review, subjectOf(review), [
    ...problemsOfSubject(review),
    ...problemsOfMetadata(review, false),
  ]);

/** SelfSubjectAccessReview: of the one who asks. */
export const ownAccess = (state: ApiserverState, review: Review, { user }: RequestEvent): Answered =>
  decided(state, review, user, [...problemsOfAttributes(review), ...problemsOfMetadata(review, false)]);

/** LocalSubjectAccessReview: of anybody, in the namespace it is asked in. */
export const localAccess = (state: ApiserverState, review: Review): Answered =>
  decided(state, review, subjectOf(review), [
    ...problemsOfSubject(review),
    ...problemsOfMetadata(review, true),
    ...problemsOfNamespace(review),
  ]);

function decided(
  state: ApiserverState,
  review: Review,
  user: UserInfo,
  problems: readonly FieldError[],
): Answered {
  // The kind of an object that was converted to its internal form is empty, and so is its name here.
  if (problems.length > 0) return invalidKind({ kind: '', group: 'authorization.k8s.io' }, '', problems);
  const { allowed, reason } = decisionFor(state, user, attributesOf(review));
  return { status: reason === '' ? { allowed } : { allowed, reason } };
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined;
const textOf = (fields: Fields | undefined, name: string): string => {
  const value = fields?.[name];
  return typeof value === 'string' ? value : '';
};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Of this subject nothing is added: who is to be taken for authenticated has to be said to be in that group. */
function subjectOf({ spec }: Review): UserInfo {
  const groups = listOf(spec?.['groups']).filter((group) => typeof group === 'string');
  return { name: textOf(spec, 'user'), uid: textOf(spec, 'uid'), groups };
}

function attributesOf({ spec }: Review): Attributes {
  const of = fieldsOf(spec?.['resourceAttributes']);
  if (of === undefined) {
    const path = fieldsOf(spec?.['nonResourceAttributes']);
    return { verb: textOf(path, 'verb'), path: textOf(path, 'path') };
  }
  return {
    verb: textOf(of, 'verb'),
    apiGroup: textOf(of, 'group'),
    resource: textOf(of, 'resource'),
    subresource: textOf(of, 'subresource'),
    namespace: textOf(of, 'namespace'),
    name: textOf(of, 'name'),
    fieldSelector: selectorText(fieldsOf(of['fieldSelector'])),
  };
}

/** The requirements that a field selector can have: one value, which is or is not. */
function selectorText(selector: Fields | undefined): string {
  const raw = textOf(selector, 'rawSelector');
  if (raw !== '') return raw;
  const parts = listOf(selector?.['requirements']).flatMap((given) => {
    const requirement = fieldsOf(given);
    const [value, ...others] = listOf(requirement?.['values']);
    const sign = { In: '=', NotIn: '!=' }[textOf(requirement, 'operator')];
    if (typeof value !== 'string' || others.length > 0 || sign === undefined) return [];
    return [`${textOf(requirement, 'key')}${sign}${value}`];
  });
  return parts.join(',');
}

/** (pkg/apis/authorization/validation/validation.go) */
function problemsOfAttributes({ spec }: Review): readonly FieldError[] {
  const path = fieldsOf(spec?.['nonResourceAttributes']);
  const resource = fieldsOf(spec?.['resourceAttributes']);
  if (resource !== undefined && path !== undefined)
    return [
      invalidValue(
        'spec.nonResourceAttributes',
        internal(path),
        'cannot be specified in combination with resourceAttributes',
      ),
    ];
  if (resource !== undefined || path !== undefined) return [];
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalidValue('spec.resourceAttributes', 'null', detail)];
}

/** As Go shows its own form of it. */
const internal = (path: Fields): Json => ({ Path: textOf(path, 'path'), Verb: textOf(path, 'verb') });

function problemsOfSubject(review: Review): readonly FieldError[] {
  const { name, groups } = subjectOf(review);
  const problems = problemsOfAttributes(review);
  return name === '' && groups.length === 0
    ? [...problems, invalidValue('spec.user', '', 'at least one of user or group must be specified')]
    : problems;
}

function problemsOfMetadata({ metadata }: Review, isLocal: boolean): readonly FieldError[] {
  const { namespace, managedFields: _, ...others } = metadata;
  const given = isLocal || namespace === undefined ? others : { ...others, namespace };
  if (Object.values(given).every((value) => value === undefined)) return [];
  const detail = isLocal ? 'must be empty except for namespace' : 'must be empty';
  return [invalidValue('metadata', metadata as Json, detail)];
}

function problemsOfNamespace({ metadata, spec }: Review): readonly FieldError[] {
  const resource = fieldsOf(spec?.['resourceAttributes']);
  const path = fieldsOf(spec?.['nonResourceAttributes']);
  const namespace = textOf(resource, 'namespace');
  return [
    ...(resource === undefined || namespace === metadata.namespace
      ? []
      : [invalidValue('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace')]),
    ...(path === undefined
      ? []
      : [invalidValue('spec.nonResourceAttributes', internal(path), 'disallowed on this kind of request')]),
  ];
}
