/** Who somebody is: TokenReview of the bearer of a token, SelfSubjectReview of the one who asks (kubernetes v1.34.1 pkg/registry/authentication). */
import type { Status } from '../../api/request.ts';
import { badRequest } from '../../api/status.ts';
import { issuer } from '../../api/token/account-claims.ts';
import type { VirtualTime } from '../../time/time.ts';
import { userOfBearer } from '../access.ts';
import type { UserInfo } from '../authentication/identities.ts';
import type { ApiserverState, RequestEvent } from '../state.ts';
import type { Review } from './review-kinds.ts';

type Answered = { readonly status: object } | Status;

const shown = ({ name, uid, groups }: UserInfo): object => ({
  username: name,
  ...(uid === '' ? {} : { uid }),
  groups,
});

export const ownUser = (_: ApiserverState, __: Review, { user }: RequestEvent): Answered => ({
  status: { userInfo: shown(user) },
});

export function tokenReview(
  state: ApiserverState,
  { spec }: Review,
  _: RequestEvent,
  now: VirtualTime,
): Answered {
  const token = spec?.['token'];
  if (typeof token !== 'string' || token === '')
    return badRequest('token is required for TokenReview in authentication');
  const audiences = spec?.['audiences'];
  const wanted =
    Array.isArray(audiences) && audiences.length > 0 ? (audiences as readonly string[]) : [issuer];
  const user = userOfBearer(state, token, wanted, now);
  if (user === undefined) return { status: { user: {}, error: '[invalid bearer token]' } };
  return { status: { authenticated: true, user: shown(user.user), audiences: user.audiences } };
}
