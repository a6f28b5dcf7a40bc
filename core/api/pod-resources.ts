/**
 * What a Pod asks of a node: the sum of its containers or the most any init step needs, whichever is more, and its
 * overhead. Quantities are summed exactly and rounded up once: two containers of `100u` cpu ask for one thousandth.
 * (kubernetes v1.34.1 component-helpers/resource/helpers.go)
 */
import type {
  Container,
  ContainerStatus,
  PodSpec,
  PodStatus,
  Quantity,
  ResourceRequirements,
} from './generated/types.ts';
import { milliValue, parseQuantity, powerOfTen, wholeValue } from '../text/quantity.ts';

export interface ResourceAmounts {
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly ephemeralStorage: number;
  /** Extended resources, huge pages and attachable volumes by name. */
  readonly scalars: Readonly<Record<string, number>>;
}

type QuantityList = Readonly<Record<string, Quantity>>;

export interface RequestOptions {
  /** What a container is taken to ask for where it does not name the resource. */
  readonly defaults?: QuantityList | undefined;
  /** Leaves out the requests of the Pod as a whole. */
  readonly withoutPodLevel?: boolean | undefined;
  /** What the containers were given counts too, where it is more: a resize may be under way. */
  readonly status?: PodStatus | undefined;
}

const remembered = new WeakMap<PodSpec | readonly Container[], ResourceAmounts>();

/**
 * The Pod's requests. Remembered by the identity of its containers, which the Pods of a template share, where nothing else
 * asks for anything; else by that of its spec.
 */
export function podRequests({ spec }: { readonly spec: PodSpec }): ResourceAmounts {
  const isPlain =
    spec.initContainers === undefined && spec.overhead === undefined && spec.resources === undefined;
  const key = isPlain ? spec.containers : spec;
  let found = remembered.get(key);
  if (found === undefined) {
    found = podRequestsWith(spec, {});
    remembered.set(key, found);
  }
  return found;
}

/** The Pod's requests as its options say. */
export function podRequestsWith(spec: PodSpec, options: RequestOptions): ResourceAmounts {
  const lists = listsOf(spec, options);
  return isExact(lists)
    ? amountsOf(total(lists, inUnits), Number)
    : amountsOf(total(lists, inNano), roundedUp);
}

/** The resources that the Pod asks for by name, anywhere in it. */
export function namedRequests(spec: PodSpec): ReadonlySet<string> {
  const names = new Set<string>();
  const { containers, initContainers, podLevel, overhead } = listsOf(spec, {});
  for (const list of [...containers, ...initContainers.map(({ requests }) => requests), podLevel, overhead])
    for (const name of Object.keys(list)) names.add(name);
  return names;
}

interface Lists {
  readonly containers: readonly QuantityList[];
  readonly initContainers: readonly { readonly sidecar: boolean; readonly requests: QuantityList }[];
  readonly podLevel: QuantityList;
  readonly overhead: QuantityList;
}

const noList: QuantityList = {};

function listsOf(spec: PodSpec, { defaults, withoutPodLevel = false, status }: RequestOptions): Lists {
  const requestsOf = (
    container: Container,
    statuses: readonly ContainerStatus[] | undefined,
  ): QuantityList => {
    const asked = container.resources?.requests ?? noList;
    const found = statuses?.find(({ name }) => name === container.name);
    const given = found?.resources === undefined ? asked : withGiven(asked, found, isInfeasible(status));
    return defaults === undefined ? given : { ...defaults, ...given };
  };
  return {
    containers: spec.containers.map((container) => requestsOf(container, status?.containerStatuses)),
    initContainers: (spec.initContainers ?? []).map((container) => {
      const sidecar = isSidecar(container);
      const statuses = sidecar ? status?.initContainerStatuses : undefined;
      return { sidecar, requests: requestsOf(container, statuses) };
    }),
    podLevel: withoutPodLevel ? noList : podLevelOf(spec.resources),
    overhead: spec.overhead ?? noList,
  };
}

/** Only these may be set for the Pod as a whole. */
function podLevelOf(resources: ResourceRequirements | undefined): QuantityList {
  const requests = resources?.requests;
  if (requests === undefined) return noList;
  const names = Object.keys(requests);
  const allowed = names.filter(
    (name) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-'),
  );
  return Object.fromEntries(allowed.map((name) => [name, requests[name] ?? '0']));
}

const isInfeasible = (status: PodStatus | undefined): boolean =>
  status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible';

/** The most of what is asked for, what is in force and what was allocated; a resize that cannot be is not counted. */
function withGiven(asked: QuantityList, status: ContainerStatus, infeasible: boolean): QuantityList {
  const most: Record<string, Quantity> = infeasible ? {} : { ...asked };
  for (const list of [status.resources?.requests, status.allocatedResources])
    for (const name of Object.keys(list ?? noList)) {
      const other = list?.[name] ?? '0';
      const known = most[name];
      if (known === undefined || nanoValue(other) > nanoValue(known)) most[name] = other;
    }
  return most;
}

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

const isExact = ({ containers, initContainers, podLevel, overhead }: Lists): boolean =>
  containers.every(isWholeList) &&
  initContainers.every(({ requests }) => isWholeList(requests)) &&
  isWholeList(podLevel) &&
  isWholeList(overhead);

/** Whether every quantity is certainly a whole number of what its resource is counted in. */
function isWholeList(list: QuantityList): boolean {
  for (const name of Object.keys(list)) {
    const text = list[name] ?? '0';
    const last = text.charCodeAt(text.length - 1);
    const whole =
      last !== 110 && last !== 117 && !text.includes('.') && !text.includes('e') && !text.includes('E');
    if (!whole || (last === 109 && name !== 'cpu')) return false;
  }
  return true;
}

/** What the sums are made of: numbers where nothing is lost, else whole billionths. */
interface Arithmetic<T> {
  readonly zero: T;
  readonly of: (name: string, text: Quantity) => T;
  readonly plus: (a: T, b: T) => T;
}

const inUnits: Arithmetic<number> = {
  zero: 0,
  of: (name, text) => (name === 'cpu' ? milliValue(text) : wholeValue(text)),
  plus: (a, b) => a + b,
};

const inNano: Arithmetic<bigint> = { zero: 0n, of: (_name, text) => nanoValue(text), plus: (a, b) => a + b };

function nanoValue(text: Quantity): bigint {
  const value = parseQuantity(text);
  return 'error' in value ? 0n : value.digits * powerOfTen(value.scale + 9);
}

function roundedUp(nano: bigint | number, name: string): number {
  const unit = name === 'cpu' ? 1_000_000n : 1_000_000_000n;
  const amount = BigInt(nano);
  return Number(amount / unit + (amount % unit > 0n ? 1n : 0n));
}

type Sum<T> = Map<string, T>;

function total<T extends number | bigint>(lists: Lists, arithmetic: Arithmetic<T>): Sum<T> {
  const sum: Sum<T> = new Map();
  for (const list of lists.containers) add(sum, list, arithmetic);
  const initPeak: Sum<T> = new Map();
  const sidecars: Sum<T> = new Map();
  for (const { sidecar, requests } of lists.initContainers) {
    const step: Sum<T> = new Map();
    add(sidecar ? sidecars : step, requests, arithmetic);
    if (sidecar) add(sum, requests, arithmetic);
    // An init step runs beside the sidecars that were started before it.
    for (const [name, amount] of sidecars)
      step.set(name, arithmetic.plus(step.get(name) ?? arithmetic.zero, amount));
    raise(initPeak, step);
  }
  raise(sum, initPeak);
  for (const name of Object.keys(lists.podLevel))
    sum.set(name, arithmetic.of(name, lists.podLevel[name] ?? '0'));
  add(sum, lists.overhead, arithmetic);
  return sum;
}

function add<T extends number | bigint>(sum: Sum<T>, list: QuantityList, arithmetic: Arithmetic<T>): void {
  for (const name of Object.keys(list))
    sum.set(name, arithmetic.plus(sum.get(name) ?? arithmetic.zero, arithmetic.of(name, list[name] ?? '0')));
}

function raise<T extends number | bigint>(sum: Sum<T>, other: Sum<T>): void {
  for (const [name, amount] of other) {
    const known = sum.get(name);
    if (known === undefined || amount > known) sum.set(name, amount);
  }
}

function amountsOf<T>(sum: Sum<T>, toNumber: (amount: T, name: string) => number): ResourceAmounts {
  let milliCpu = 0;
  let memory = 0;
  let ephemeralStorage = 0;
  const scalars: Record<string, number> = {};
  for (const [name, amount] of sum)
    if (name === 'cpu') milliCpu = toNumber(amount, name);
    else if (name === 'memory') memory = toNumber(amount, name);
    else if (name === 'ephemeral-storage') ephemeralStorage = toNumber(amount, name);
    else if (isScalarResource(name)) scalars[name] = toNumber(amount, name);
  return { milliCpu, memory, ephemeralStorage, scalars };
}

/** Extended (`example.com/gpu`), native with a prefix, huge pages or attachable volumes: counted by the scheduler. */
export const isScalarResource = (name: string): boolean =>
  name.includes('/') || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-');
