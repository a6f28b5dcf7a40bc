/**
 * What was around a recorded scenario without being an action of it, read from what was seen: the nodes of the cluster
 * (ten, those that appear, and so many bystanders as the scheduler counted), Pods whose readiness somebody turned, a
 * request that was only noted with its answer, and what the wall clock showed.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import { resourceNamed } from '../../../core/api/kinds.ts';
import type { NewObject } from '../../../core/api/request.ts';
import type { Deed } from './deed.ts';
import type { HollowNode } from './hollow-node.ts';
import { podReference } from './pod-reference.ts';
import type { Recording, Sighting } from './recording.ts';

/** Nodes that every scenario has. */
const ordinaryNodes = 10;

export function nodesOf(recording: Recording, deeds: readonly Deed[]): readonly HollowNode[] {
  const ordinary = Array.from({ length: ordinaryNodes }, (_, number) => ({
    name: `node-${number}`,
    number,
    labels: {},
    zone: undefined,
  }));
  const appearing = new Set([
    ...appearances(recording).map(({ name }) => name),
    ...deeds.flatMap((deed) => (deed.do === 'addNode' ? [deed.node] : [])),
  ]).size;
  const others = Math.max(0, countedNodes(recording) - ordinaryNodes - appearing);
  const bystanders = Array.from({ length: others }, (_, i) => ({
    name: `bystander-${i}`,
    number: 200 + i,
    labels: {},
    zone: undefined,
  }));
  return [...ordinary, ...bystanders];
}

/** The most nodes that the scheduler has spoken of: `0/19 nodes are available`. */
function countedNodes({ sightings }: Recording): number {
  const counts = sightings.map(({ fields }) => /^0\/(\d+) nodes/.exec(textOf(fields['msg']))?.[1] ?? '0');
  return Math.max(0, ...counts.map(Number));
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Nodes that were seen to appear. */
const appearances = ({ sightings }: Recording): readonly Sighting[] =>
  sightings.filter(({ kind, type }) => kind === 'Node' && type === 'ADDED');

/** Deeds that no action tells of. */
export function impliedDeeds(recording: Recording, told: readonly Deed[]): readonly Deed[] {
  return [...joiningNodes(recording, told), ...turns(recording, told), ...notedRequests(recording, told)];
}

function joiningNodes(recording: Recording, told: readonly Deed[]): readonly Deed[] {
  const added = new Set(told.flatMap((deed) => (deed.do === 'addNode' ? [deed.node] : [])));
  return appearances(recording)
    .filter(({ name }) => !added.has(name))
    .map(({ at, name }) => ({ at: Math.max(0, at - 5), do: 'addNode', node: name, labels: {} }));
}

/** The labels that the Pods of the manifests ask of a node: a node of the scenario has them where nothing else is said. */
export const selectedLabels = ({ manifests }: Recording): Readonly<Record<string, string>> =>
  Object.assign({}, ...manifests.map((manifest) => selectorIn(manifest))) as Readonly<Record<string, string>>;

function selectorIn(manifest: NewObject): Readonly<Record<string, string>> {
  const { spec } = manifest as { readonly spec?: PodHolder };
  const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec ?? spec;
  return pod?.nodeSelector ?? {};
}

interface PodHolder {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly template?: { readonly spec?: { readonly nodeSelector?: Readonly<Record<string, string>> } };
  readonly jobTemplate?: { readonly spec?: PodHolder };
}

/** A Pod that has been Ready becomes otherwise, and Ready again, while nobody deletes it and its container runs. */
function turns(recording: Recording, told: readonly Deed[]): readonly Deed[] {
  const ready = new Map<string, boolean>();
  const deeds: Deed[] = [];
  for (const { kind, name, type, at, fields } of recording.sightings) {
    if (kind !== 'Pod') continue;
    if (type !== 'MODIFIED' || fields['deleting'] !== undefined) ready.delete(name);
    const conditions = fields['conds'];
    if (type !== 'MODIFIED' || !Array.isArray(conditions)) continue;
    const isReady = conditions.includes('Ready=True');
    const runs = JSON.stringify(fields['containers'] ?? '').includes('running');
    const was = ready.get(name);
    if (was !== undefined && was !== isReady && runs && !isTold(told, at, isReady))
      deeds.push({ at: at - 5, do: 'ready', pod: podReference(recording, name), ready: isReady });
    if (isReady || was !== undefined) ready.set(name, isReady);
  }
  return deeds;
}

const isTold = (told: readonly Deed[], at: number, ready: boolean): boolean =>
  told.some((deed) => deed.do === 'ready' && deed.ready === ready && deed.at <= at && at - deed.at < 100);

/** `history` and `undo same revision` were noted with their answers alone, as was what a namespace that goes refuses. */
function notedRequests(recording: Recording, told: readonly Deed[]): readonly Deed[] {
  const configMaps = resourceNamed('configmaps');
  const name = recording.manifests.find(({ kind }) => kind === 'Deployment')?.metadata.name ?? '';
  const noted: Deed[] = [];
  for (const { t, what, out, body } of recording.responses) {
    const at = Math.max(0, t - 5);
    const skipped = /already matches revision (\d+)\)/.exec(out ?? '')?.[1];
    const isToldHistory = told.some(
      (deed) => deed.do === 'rollout' && deed.verb === 'history' && deed.at <= t && t - deed.at < 200,
    );
    if (what === 'history' && !isToldHistory)
      noted.push({ at, noted: true, do: 'rollout', verb: 'history', name, toRevision: 0 });
    if (what === 'undo same revision' && skipped !== undefined)
      noted.push({ at, noted: true, do: 'rollout', verb: 'undo', name, toRevision: Number(skipped) });
    if (what === 'create in terminating ns' && configMaps !== undefined) {
      const late = (body as { readonly details?: { readonly name?: string } } | undefined)?.details?.name;
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: late ?? 'late' } };
      noted.push({ at, noted: true, do: 'create', object, info: configMaps });
    }
  }
  return noted;
}

/** Priority classes that a manifest takes for granted: what is said of them is that they are above the default. */
export function givenClasses({ manifests }: Recording): readonly NewObject[] {
  const told = new Set(
    manifests.filter(({ kind }) => kind === 'PriorityClass').map((it) => it.metadata.name),
  );
  const asked = new Set(
    [...JSON.stringify(manifests).matchAll(/"priorityClassName":"([^"]+)"/g)].map((m) => m[1] ?? ''),
  );
  return [...asked]
    .filter((name) => !told.has(name) && !name.startsWith('system-'))
    .map((name) => {
      const object = {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value: 1_000,
      };
      return object;
    });
}

/**
 * The second of the minute at which the scenario began, in milliseconds, from the times that statuses show; undefined
 * where nothing tells. No status shows a time that has not come, so it began no earlier than the latest that any tells of;
 * a time is written in whole seconds, so it began within a second of that.
 */
export function secondOfMinute({ sightings }: Recording): number | undefined {
  let began: number | undefined;
  for (const { at, fields } of sightings)
    for (const [, minutes = '', seconds = ''] of JSON.stringify(fields['status'] ?? '').matchAll(
      /"(?:startTime|lastScheduleTime)":"[^"]*:(\d\d):(\d\d)Z"/g,
    ))
      began = Math.max(began ?? -Infinity, (Number(minutes) * 60 + Number(seconds)) * 1_000 - at);
  return began === undefined ? undefined : ((began % 60_000) + 60_000) % 60_000;
}

/**
 * The phase of the manager's loops, as far as it can be seen: a period and a time of the scenario, in milliseconds, at
 * which one of them came round. Pods of a node that is gone are collected every 20 s, nodes are looked at every 5 s.
 */
export function loopPhase({
  sightings,
}: Recording): { readonly period: number; readonly at: number } | undefined {
  const collected = sightings.find(
    ({ kind, fields }) => kind === 'Pod' && JSON.stringify(fields).includes('DeletionByPodGC'),
  );
  if (collected !== undefined) return { period: 20_000, at: collected.at };
  const looked = sightings.find(
    ({ kind, fields }) =>
      kind === 'Event' &&
      (fields['reason'] === 'RemovingNode' ||
        fields['reason'] === 'NodeNotReady' ||
        fields['reason'] === 'RegisteredNode'),
  );
  return looked === undefined ? undefined : { period: 5_000, at: looked.at };
}
