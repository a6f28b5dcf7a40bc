/** Lists of quantities by resource name, and what a Pod's containers come to. (kubernetes v1.34.1 component-helpers/resource/helpers.go) */
import type { Container, PodSpec, ResourceRequirements } from './generated/types.ts';
import { addQuantities, compareQuantities } from '../text/quantity.ts';

export type ResourceList = Readonly<Record<string, string>>;
type Building = Record<string, string>;

/** The sum of two lists; what only one has is as it is written there. */
export function addLists(a: ResourceList, b: ResourceList): ResourceList {
  const sum: Building = { ...a };
  addTo(sum, b);
  return sum;
}

function addTo(sum: Building, list: ResourceList | undefined): void {
  for (const [name, quantity] of Object.entries(list ?? {})) {
    const known = sum[name];
    sum[name] = known === undefined ? quantity : addQuantities(known, quantity);
  }
}

function raiseTo(most: Building, list: ResourceList): void {
  for (const [name, quantity] of Object.entries(list)) {
    const known = most[name];
    if (known === undefined || compareQuantities(quantity, known) > 0) most[name] = quantity;
  }
}

/** The part of a list that has these names. */
export const maskList = (list: ResourceList, names: ReadonlySet<string>): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([name]) => names.has(name)));

const podLevelResources = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** What all containers ask for: the sum of those that run, or the most an init step needs beside the sidecars begun before it. */
function ofContainers(spec: PodSpec, part: (container: Container) => ResourceList | undefined): Building {
  const sum: Building = {};
  for (const container of spec.containers) addTo(sum, part(container));
  const sidecars: Building = {};
  const initMost: Building = {};
  for (const container of spec.initContainers ?? []) {
    const own = part(container);
    if (container.restartPolicy === 'Always') {
      addTo(sum, own);
      addTo(sidecars, own);
      raiseTo(initMost, sidecars);
    } else raiseTo(initMost, addLists(own ?? {}, sidecars));
  }
  raiseTo(sum, initMost);
  return sum;
}

function listOf(spec: PodSpec, which: 'requests' | 'limits'): Building {
  const list = ofContainers(spec, (container) => container.resources?.[which]);
  const podLevel: ResourceRequirements | undefined = spec.resources;
  for (const [name, quantity] of Object.entries(podLevel?.[which] ?? {}))
    if (podLevelResources(name)) list[name] = quantity;
  return list;
}

/** Without overhead, as LimitRanger compares it. */
export const podRequestsAsWritten = (spec: PodSpec): ResourceList => listOf(spec, 'requests');
export const podLimitsAsWritten = (spec: PodSpec): ResourceList => listOf(spec, 'limits');

export function podRequestList(spec: PodSpec): ResourceList {
  const list = listOf(spec, 'requests');
  addTo(list, spec.overhead);
  return list;
}

/** Overhead raises the limits there are, and makes none. */
export function podLimitList(spec: PodSpec): ResourceList {
  const list = listOf(spec, 'limits');
  for (const [name, quantity] of Object.entries(spec.overhead ?? {})) {
    const known = list[name];
    if (known !== undefined) list[name] = addQuantities(known, quantity);
  }
  return list;
}
