/** The kinds of questions that an apiserver is asked in the form of an object that is never stored. */
import type { NewObject } from '../../api/request.ts';

export interface ReviewKind {
  readonly kind: string;
  readonly group: string;
  readonly namespaced?: true;
}

/** A question as it was asked; what it lacks is absent. */
export interface Review extends NewObject {
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
}

const authorization = 'authorization.k8s.io';
const authentication = 'authentication.k8s.io';

export const reviewKinds = {
  subjectaccessreviews: { kind: 'SubjectAccessReview', group: authorization },
  selfsubjectaccessreviews: { kind: 'SelfSubjectAccessReview', group: authorization },
  localsubjectaccessreviews: { kind: 'LocalSubjectAccessReview', group: authorization, namespaced: true },
  selfsubjectrulesreviews: { kind: 'SelfSubjectRulesReview', group: authorization },
  tokenreviews: { kind: 'TokenReview', group: authentication },
  selfsubjectreviews: { kind: 'SelfSubjectReview', group: authentication },
} as const satisfies Readonly<Record<string, ReviewKind>>;

export type ReviewResource = keyof typeof reviewKinds;

/** True of the plural of such a kind. */
export const isReview = (resource: string): resource is ReviewResource =>
  Object.hasOwn(reviewKinds, resource);

/** What kind of question a resource is; undefined where it is none. */
export const reviewKindOf = (resource: string): ReviewKind | undefined =>
  isReview(resource) ? reviewKinds[resource] : undefined;
