/** NodeRestriction: a kubelet is given tokens for its own Pods alone (kubernetes v1.34.1 plugin/pkg/admission/noderestriction/admission.go admitServiceAccount). */
import type { Pod } from '../../api/generated/types.ts';
import { keyFor } from '../../api/object.ts';
import type { CreateRequest, Status } from '../../api/request.ts';
import { forbiddenStatus, notFound } from '../../api/status.ts';
import type { UserInfo } from '../authentication/identities.ts';
import { nodeNameOf } from '../authorization/node-authorizer.ts';
import { viewIn, type ApiserverState } from '../state.ts';
import type { Reference } from './token-request.ts';

/** Why a token is not for the node that asks for it; undefined where it is, or where no node asks. */
export function refusalOfNode(
  state: ApiserverState,
  user: UserInfo,
  { namespace = '', name = '' }: CreateRequest,
  bound: Reference | undefined,
): Status | undefined {
  const node = nodeNameOf(user);
  if (node === undefined || state.config.disabledAdmission.includes('NodeRestriction')) return undefined;
  const refuse = (why: string): Status => forbiddenStatus('serviceaccounts', name, why);
  const { name: podName = '', uid = '' } = bound ?? {};
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || podName === '')
    return refuse('node requested token not bound to a pod');
  if (uid === '') return refuse('node requested token with a pod binding without a uid');
  const pod = viewIn(state, 'pods').objects.get(keyFor(namespace, podName)) as Pod | undefined;
  if (pod === undefined) return notFound('pods', podName);
  if (pod.metadata.uid !== uid)
    return refuse(
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return pod.spec.nodeName === node
    ? undefined
    : refuse('node requested token bound to a pod scheduled on a different node');
}
