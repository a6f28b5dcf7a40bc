/** Aim: a body of the wrong shape is refused in the words of Go's JSON package. Method: a table, by the types of Kubernetes 1.34. */
import { expect, test } from 'vitest';
import { decodingError } from '../../../core/api/decoding.ts';
import { checkShape } from '../../../core/api/schema.ts';
import { manifest, type Parts } from './validation/verdict.ts';

const quantity =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const container = (parts: Parts): Parts => ({ spec: { containers: [{ name: 'c', ...parts }] } });

test.each<[string, Parts, string]>([
  [
    'v1/Pod',
    { spec: { restartPolicy: 5 } },
    'number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy',
  ],
  ['v1/Pod', { spec: { nodeName: 5 } }, 'number into Go struct field PodSpec.spec.nodeName of type string'],
  [
    'v1/Pod',
    container({ ports: [{ protocol: true }] }),
    'bool into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol',
  ],
  [
    'v1/Pod',
    container({ securityContext: { capabilities: { add: 'x' } } }),
    'string into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type []v1.Capability',
  ],
  [
    'v1/Pod',
    container({ securityContext: { capabilities: { add: [1] } } }),
    'number into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type v1.Capability',
  ],
  [
    'v1/Service',
    { spec: { type: 1 } },
    'number into Go struct field ServiceSpec.spec.type of type v1.ServiceType',
  ],
  [
    'autoscaling/v2/HorizontalPodAutoscaler',
    { spec: { metrics: [{ type: 1 }] } },
    'number into Go struct field MetricSpec.spec.metrics.type of type v2.MetricSourceType',
  ],
  [
    'autoscaling/v2/HorizontalPodAutoscaler',
    { spec: { metrics: 'x' } },
    'string into Go struct field HorizontalPodAutoscalerSpec.spec.metrics of type []v2.MetricSpec',
  ],
  [
    'autoscaling/v1/HorizontalPodAutoscaler',
    { spec: { maxReplicas: 'x' } },
    'string into Go struct field HorizontalPodAutoscalerSpec.spec.maxReplicas of type int32',
  ],
  [
    'discovery.k8s.io/v1/EndpointSlice',
    { ports: [{ port: 'x' }] },
    'string into Go struct field EndpointPort.ports.port of type int32',
  ],
])('%s %j', (type, parts, error) => {
  expect(decodingError(checkShape(manifest(type, parts)))).toBe(`json: cannot unmarshal ${error}`);
});

test.each([true, [], {}, '', '1x'])('the quantity %j', (cpu) => {
  const pod = manifest('v1/Pod', container({ resources: { limits: { cpu } } }));
  expect(decodingError(checkShape(pod))).toBe(quantity);
});
