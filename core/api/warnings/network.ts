/** Of Services and what else is about the network. (kubernetes v1.34.1 pkg/api/service/warnings.go, pkg/registry/networking) */
import type {
  EndpointSlice,
  Ingress,
  NetworkPolicy,
  NetworkPolicyPeer,
  Service,
} from '../generated/types.ts';
import { ipWarnings, rangeWarnings } from './ip.ts';

const oldHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

export function serviceWarnings({ metadata, spec }: Service): readonly string[] {
  const { externalIPs = [], loadBalancerIP = '', clusterIPs = [], type } = spec;
  const isHeadless = type === 'ClusterIP' && spec.clusterIP === 'None';
  const hasIP = (spec.clusterIP ?? '') !== '' && spec.clusterIP !== 'None';
  const when = (is: boolean, text: string): readonly string[] => (is ? [text] : []);
  return [
    ...when(
      metadata.annotations?.[oldHints] !== undefined,
      `annotation ${oldHints} is deprecated, please use ${topologyMode} instead`,
    ),
    ...(hasIP ? clusterIPs.flatMap((ip, i) => ipWarnings(`spec.clusterIPs[${i}]`, ip)) : []),
    ...when(isHeadless && loadBalancerIP !== '', 'spec.loadBalancerIP is ignored for headless services'),
    ...when(isHeadless && externalIPs.length > 0, 'spec.externalIPs is ignored for headless services'),
    ...when(
      isHeadless && spec.sessionAffinity !== 'None',
      'spec.SessionAffinity is ignored for headless services',
    ),
    ...externalIPs.flatMap((ip, i) => ipWarnings(`spec.externalIPs[${i}]`, ip)),
    ...(loadBalancerIP === '' ? [] : ipWarnings('spec.loadBalancerIP', loadBalancerIP)),
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, i) =>
      rangeWarnings(`spec.loadBalancerSourceRanges[${i}]`, range),
    ),
    ...when(
      type === 'ExternalName' && externalIPs.length > 0,
      'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ),
    ...when(
      type !== 'ExternalName' && (spec.externalName ?? '') !== '',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ),
  ];
}

export function endpointSliceWarnings({ addressType, endpoints }: EndpointSlice): readonly string[] {
  if (addressType === 'FQDN') return ['spec.addressType: FQDN endpoints are deprecated'];
  return endpoints.flatMap(({ addresses }, i) =>
    addresses.flatMap((ip, j) => ipWarnings(`spec.endpoints[${i}].addresses[${j}]`, ip)),
  );
}

const classAnnotation = 'kubernetes.io/ingress.class';

export const ingressWarnings = ({ metadata, spec }: Ingress): readonly string[] =>
  metadata.annotations?.[classAnnotation] !== undefined && spec?.ingressClassName === undefined
    ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
    : [];

const peerWarnings = (field: string, peers: readonly NetworkPolicyPeer[] | undefined): readonly string[] =>
  (peers ?? []).flatMap(({ ipBlock }, i) =>
    ipBlock === undefined
      ? []
      : [
          ...rangeWarnings(`${field}[${i}].ipBlock.cidr`, ipBlock.cidr),
          ...(ipBlock.except ?? []).flatMap((range, j) =>
            rangeWarnings(`${field}[${i}].ipBlock.except[${j}]`, range),
          ),
        ],
  );

export const networkPolicyWarnings = ({ spec }: NetworkPolicy): readonly string[] => [
  ...(spec?.ingress ?? []).flatMap(({ from }, i) => peerWarnings(`spec.ingress[${i}].from`, from)),
  ...(spec?.egress ?? []).flatMap(({ to }, i) => peerWarnings(`spec.egress[${i}].to`, to)),
];
