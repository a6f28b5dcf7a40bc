/** Aim: what a Pod asks for and how it is classed. Method: tables, a sentence a row. */
import { describe, expect, it } from 'vitest';
import type { Container, Pod, PodSpec } from '../../../core/api/generated/types.ts';
import { isPodAvailable, isPodReady, isTerminal, qosClassOf } from '../../../core/api/pod.ts';
import { podRequests } from '../../../core/api/pod-resources.ts';
import { second, timeText } from '../../../core/time/time.ts';

type Amounts = Readonly<Record<string, string>>;

const container = (requests?: Amounts, limits?: Amounts, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { ...(requests && { requests }), ...(limits && { limits }) },
  ...more,
});
const sidecar = (requests: Amounts): Container => container(requests, undefined, { restartPolicy: 'Always' });
const full = { cpu: '100m', memory: '64Mi' };

describe('the quality of service of a Pod', () => {
  it.each<[string, Partial<PodSpec>, string]>([
    ['with nothing asked for', { containers: [container()] }, 'BestEffort'],
    ['with requests of zero', { containers: [container({ cpu: '0' })] }, 'BestEffort'],
    ['with a GPU only', { containers: [container({ 'nvidia.com/gpu': '1' })] }, 'BestEffort'],
    ['with equal requests and limits', { containers: [container(full, full)] }, 'Guaranteed'],
    [
      'with equal amounts otherwise written',
      { containers: [container({ cpu: '0.1', memory: '65536Ki' }, full)] },
      'Guaranteed',
    ],
    [
      'with limits above requests',
      { containers: [container(full, { cpu: '1', memory: '1Gi' })] },
      'Burstable',
    ],
    ['with one container unlimited', { containers: [container(full, full), container()] }, 'Burstable'],
    [
      'with an init container unlimited',
      { containers: [container(full, full)], initContainers: [container()] },
      'Burstable',
    ],
    ['with limits for cpu only', { containers: [container({ cpu: '1' }, { cpu: '1' })] }, 'Burstable'],
    [
      'limited as a whole',
      { containers: [container()], resources: { requests: full, limits: full } },
      'Guaranteed',
    ],
  ])('%s', (_, spec, expected) => {
    expect(qosClassOf({ spec: { containers: [], ...spec } })).toBe(expected);
  });
});

describe('the requests of a Pod', () => {
  const asked = (spec: Partial<PodSpec>): number =>
    podRequests({ spec: { containers: [], ...spec } }).milliCpu;
  const cpu = (amount: string): Amounts => ({ cpu: amount });

  it.each<[string, Partial<PodSpec>, number]>([
    ['are the sum of its containers', { containers: [container(cpu('100m')), container(cpu('1.5'))] }, 1600],
    [
      'or the largest init step',
      { containers: [container(cpu('1'))], initContainers: [container(cpu('3')), container(cpu('2'))] },
      3000,
    ],
    [
      'with the sidecars that run beside a step',
      { containers: [container(cpu('1'))], initContainers: [sidecar(cpu('1')), container(cpu('3'))] },
      4000,
    ],
    [
      'and beside the containers',
      { containers: [container(cpu('1'))], initContainers: [container(cpu('1')), sidecar(cpu('1'))] },
      2000,
    ],
    ['with the overhead of its runtime', { containers: [container(cpu('1'))], overhead: cpu('250m') }, 1250],
    [
      'or what the Pod asks for as a whole',
      { containers: [container(cpu('1'))], resources: { requests: cpu('500m') } },
      500,
    ],
  ])('%s', (_, spec, expected) => {
    expect(asked(spec)).toBe(expected);
  });

  it('count extended resources by name, and nothing that no node offers', () => {
    const requests = { 'nvidia.com/gpu': '2', 'hugepages-2Mi': '4Mi', memory: '1Ki', storage: '1Gi' };
    const { memory, scalars } = podRequests({ spec: { containers: [container(requests)] } });
    expect({ memory, scalars }).toEqual({
      memory: 1024,
      scalars: { 'nvidia.com/gpu': 2, 'hugepages-2Mi': 4_194_304 },
    });
  });

  it('are counted once for a spec', () => {
    const spec: PodSpec = { containers: [container(full)] };
    expect(podRequests({ spec })).toBe(podRequests({ spec }));
  });
});

describe('a Pod', () => {
  const readySince = (at: number, status = 'True'): Pod =>
    ({
      spec: { containers: [] },
      status: { conditions: [{ type: 'Ready', status, lastTransitionTime: timeText(at) }] },
    }) as unknown as Pod;

  it('is available when it has been ready for longer than minReadySeconds', () => {
    const pod = readySince(10 * second);
    expect(isPodReady(pod)).toBe(true);
    expect([0, 15, 15.5].map((at) => isPodAvailable(pod, 5, at * second))).toEqual([false, false, true]);
    expect(isPodAvailable(pod, 0, 10 * second)).toBe(true);
    expect(isPodAvailable(readySince(0, 'False'), 0, 10 * second)).toBe(false);
  });

  it('has ended when it succeeded or failed', () => {
    const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
    expect(phases.filter((phase) => isTerminal({ status: { phase } } as Pod))).toEqual([
      'Succeeded',
      'Failed',
    ]);
  });
});
