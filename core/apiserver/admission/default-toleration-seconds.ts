/** DefaultTolerationSeconds: a Pod stays five minutes on a node that is lost. (kubernetes v1.34.1 plugin/pkg/admission/defaulttolerationseconds) */
import type { Pod, PodSpec, Toleration } from '../../api/generated/types.ts';
import type { AdmissionPlugin } from './plugin.ts';

const seconds = 300;
const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  resources: ['pods'],
  operations: ['CREATE', 'UPDATE'],
  admit: ({ subresource }, object) => {
    if (subresource !== '') return object;
    const pod = object as Pod;
    const spec = withDefaultTolerations(pod.spec);
    return spec === pod.spec ? pod : { ...pod, spec };
  },
};

export function withDefaultTolerations(spec: PodSpec): PodSpec {
  const given = spec.tolerations ?? [];
  const missing = keys.filter((key) => !given.some((toleration) => tolerates(toleration, key)));
  if (missing.length === 0) return spec;
  const added = missing.map((key): Toleration => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  }));
  return { ...spec, tolerations: [...given, ...added] };
}

const tolerates = ({ key, effect }: Toleration, wanted: string): boolean =>
  (key === undefined || key === '' || key === wanted) &&
  (effect === undefined || effect === '' || effect === 'NoExecute');
