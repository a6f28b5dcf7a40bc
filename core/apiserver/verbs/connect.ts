/**
 * `pods/log`, `exec`, `attach`, `portforward`, `proxy`: what an apiserver passes on. It finds the container and the node,
 * and dials the kubelet there, or the Pod; in this model nobody listens on either port, and the answer is that of a
 * connection which is refused. (kubernetes v1.34.1 pkg/registry/core/pod/strategy.go LogLocation, streamLocation,
 * pkg/kubelet/client)
 */
import type { Node, Pod } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import type { ApiAnswer, GetRequest, PodConnection, Status } from '../../api/request.ts';
import { badRequest, internalError, notFound, plainError } from '../../api/status.ts';
import type { View } from '../../api/view.ts';

const connections: ReadonlySet<string> = new Set<PodConnection>([
  'log',
  'exec',
  'attach',
  'portforward',
  'proxy',
]);

/** Whether a subresource is a way to a Pod and not a part of it. */
export const isConnection = (subresource: GetRequest['subresource']): subresource is PodConnection =>
  subresource !== undefined && connections.has(subresource);

/** The answer to a request for a way to a Pod that is there. */
export function connected(
  object: ApiObject,
  way: PodConnection,
  container: string | undefined,
  nodes: View,
): ApiAnswer {
  const pod = object as Pod;
  if (way === 'proxy') return refused(proxied(pod));
  const named = way === 'portforward' ? '' : containerOf(pod, container);
  if (typeof named !== 'string') return refused(named);
  const nodeName = pod.spec.nodeName ?? '';
  // A Pod without a node has no log yet, which is none of the client's mistakes.
  if (nodeName === '')
    return way === 'log'
      ? { ok: true, code: 200 }
      : refused(badRequest(`pod ${pod.metadata.name} does not have a host assigned`));
  const node = nodes.objects.get(nodeName) as Node | undefined;
  if (node === undefined) return refused(notFound('nodes', nodeName));
  return refused(unreachable(pod, node, way, named));
}

const refused = (status: Status): ApiAnswer => ({ ok: false, code: status.code, status });

/** The container that is meant, or why it cannot be said. */
function containerOf({ metadata, spec }: Pod, asked = ''): string | Status {
  const { name } = metadata;
  const own = spec.containers.map((each) => each.name);
  const first = (spec.initContainers ?? []).map((each) => each.name);
  if (asked !== '')
    return own.includes(asked) || first.includes(asked)
      ? asked
      : badRequest(`container ${asked} is not valid for pod ${name}`);
  const [only] = own;
  if (own.length === 1 && only !== undefined) return only;
  const also = first.length === 0 ? '' : ` or one of the init containers: [${first.join(' ')}]`;
  return badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${own.join(' ')}]${also}`,
  );
}

function unreachable({ metadata }: Pod, { status }: Node, way: PodConnection, container: string): Status {
  const address = status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  const dial = `dial tcp ${address}:10250: connect: connection refused`;
  if (way !== 'log') return internalError(`error dialing backend: ${dial}`);
  const path = `containerLogs/${metadata.namespace ?? ''}/${metadata.name}/${container}`;
  return plainError(`Get "https://${address}:10250/${path}": ${dial}`);
}

/** The proxy of a Pod asks the Pod itself. */
function proxied({ status }: Pod): Status {
  const address = status.podIP ?? '';
  return address === ''
    ? badRequest('address not allowed')
    : {
        ...plainError(`error trying to reach service: dial tcp ${address}:80: connect: connection refused`),
        reason: 'ServiceUnavailable',
        code: 503,
      };
}
