/**
 * What a Pod asks of a node: the sum of its containers or the most any init step needs, whichever is more, and its
 * overhead. (kubernetes v1.34.1 component-helpers/resource/helpers.go)
 */
import type { Container, PodSpec, Quantity } from './generated/types.ts';
import { milliValue, wholeValue } from './quantity.ts';

export interface ResourceAmounts {
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly ephemeralStorage: number;
  /** Extended resources, huge pages and attachable volumes by name. */
  readonly scalars: Readonly<Record<string, number>>;
}

interface Sum {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  scalars: Record<string, number>;
}

const remembered = new WeakMap<PodSpec, ResourceAmounts>();

/** The Pod's requests. Remembered by the identity of its spec. */
export function podRequests(pod: { readonly spec: PodSpec }): ResourceAmounts {
  let found = remembered.get(pod.spec);
  if (found === undefined) {
    found = requestsOf(pod.spec);
    remembered.set(pod.spec, found);
  }
  return found;
}

function requestsOf(spec: PodSpec): ResourceAmounts {
  const total = nothing();
  for (const container of spec.containers) add(total, container.resources?.requests);
  const initPeak = nothing();
  const sidecars = nothing();
  for (const container of spec.initContainers ?? []) {
    const step = nothing();
    if (isSidecar(container)) {
      add(total, container.resources?.requests);
      add(sidecars, container.resources?.requests);
    } else add(step, container.resources?.requests);
    addSum(step, sidecars); // an init step runs beside the sidecars that were started before it
    raise(initPeak, step);
  }
  raise(total, initPeak);
  override(total, spec.resources?.requests);
  add(total, spec.overhead);
  return total;
}

const nothing = (): Sum => ({ milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: {} });

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** Adds a list of quantities; each is rounded up on its own. */
function add(sum: Sum, list: Readonly<Record<string, Quantity>> | undefined): void {
  if (list === undefined) return;
  for (const name of Object.keys(list)) {
    const text = list[name] ?? '0';
    if (name === 'cpu') sum.milliCpu += milliValue(text);
    else if (name === 'memory') sum.memory += wholeValue(text);
    else if (name === 'ephemeral-storage') sum.ephemeralStorage += wholeValue(text);
    else if (isScalarResource(name)) sum.scalars[name] = (sum.scalars[name] ?? 0) + wholeValue(text);
  }
}

function addSum(sum: Sum, other: Sum): void {
  sum.milliCpu += other.milliCpu;
  sum.memory += other.memory;
  sum.ephemeralStorage += other.ephemeralStorage;
  for (const name of Object.keys(other.scalars))
    sum.scalars[name] = (sum.scalars[name] ?? 0) + (other.scalars[name] ?? 0);
}

function raise(sum: Sum, other: Sum): void {
  sum.milliCpu = Math.max(sum.milliCpu, other.milliCpu);
  sum.memory = Math.max(sum.memory, other.memory);
  sum.ephemeralStorage = Math.max(sum.ephemeralStorage, other.ephemeralStorage);
  for (const name of Object.keys(other.scalars))
    sum.scalars[name] = Math.max(sum.scalars[name] ?? 0, other.scalars[name] ?? 0);
}

/** Requests of the Pod as a whole stand in place of its containers' sum, for the resources that may be set there. */
function override(sum: Sum, list: Readonly<Record<string, Quantity>> | undefined): void {
  if (list === undefined) return;
  const cpu = list['cpu'];
  const memory = list['memory'];
  if (cpu !== undefined) sum.milliCpu = milliValue(cpu);
  if (memory !== undefined) sum.memory = wholeValue(memory);
  for (const name of Object.keys(list))
    if (name.startsWith('hugepages-')) sum.scalars[name] = wholeValue(list[name] ?? '0');
}

/** Extended (`example.com/gpu`), native with a prefix, huge pages or attachable volumes: counted by the scheduler. */
export const isScalarResource = (name: string): boolean =>
  name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-');
