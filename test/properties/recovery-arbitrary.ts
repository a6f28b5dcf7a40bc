/** Random workloads, and every kind of fault that ends: crashes, broken and halted watches, lost answers, expired certificates. */
import fc from 'fast-check';
import { replicaNames } from '../../sim/cluster/names.ts';
import { second } from '../../core/time/time.ts';
import type { ClusterSpec, FaultAction } from '../../sim/cluster/spec.ts';
import { workloads } from './workload-arbitrary.ts';

/** When the last fault is over. */
export const healedFrom = 60 * second;

const at = fc.integer({ min: 4, max: 80 }).map((halves) => halves * 0.5 * second);
const lasts = fc.integer({ min: 1, max: 20 }).map((seconds) => seconds * second);
const stream = fc.constantFrom('pods', 'replicasets', 'endpointslices', '*');

function faultOf(process: string): fc.Arbitrary<readonly FaultAction[]> {
  const crash = fc
    .record({ at, for: lasts })
    .map((when): readonly FaultAction[] => [{ ...when, do: 'crash', process }]);
  const halt = fc
    .record({ at, stream, lasts })
    .map(({ at: from, stream: which, lasts: long }): readonly FaultAction[] => [
      { at: from, do: 'pauseWatch', process, stream: which },
      { at: from + long, do: 'resumeWatch', process, stream: which },
    ]);
  const cut = fc
    .record({ at, stream })
    .map((when): readonly FaultAction[] => [{ ...when, do: 'dropWatch', process }]);
  if (process.startsWith('kube-apiserver')) return fc.oneof(crash, halt, cut);
  const silence = fc
    .record({ at, count: fc.integer({ min: 1, max: 3 }) })
    .map((lost): readonly FaultAction[] => [{ ...lost, do: 'loseAnswers', process }]);
  const strange = fc
    .record({ at, for: lasts })
    .map((when): readonly FaultAction[] => [{ ...when, do: 'expireCertificate', process }]);
  return fc.oneof(crash, halt, cut, silence, strange);
}

export const recoveries: fc.Arbitrary<ClusterSpec> = fc
  .tuple(workloads, fc.integer({ min: 1, max: 2 }))
  .chain(([spec, apiservers]) => {
    const processes = [
      ...replicaNames('kube-apiserver', apiservers),
      'kube-controller-manager',
      'kube-controller-manager',
      'kube-scheduler',
      ...spec.nodes.map(({ name }) => `kubelet/${name}`),
    ];
    const faults = fc.array(fc.constantFrom(...processes).chain(faultOf), { minLength: 1, maxLength: 4 });
    return faults.map((all) => ({ ...spec, apiservers, faults: [...spec.faults, ...all.flat()] }));
  });
