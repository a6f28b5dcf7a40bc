/** What a write changed, in the few words a person would say it in. */
import type { Json } from '../../core/api/generated/types.ts';
import { mergePatch } from '../../core/api/merge-patch.ts';
import { namedBy } from '../trace/names.ts';
import type { WriteRecord } from '../trace/registry.ts';

/** A part of an object that may be missing, or anything at all: traces are input. */
type Part = Json | undefined;

export const field = (part: Part, name: string): Part =>
  typeof part === 'object' && part !== null && !Array.isArray(part)
    ? (part as Readonly<Record<string, Json>>)[name]
    : undefined;

/** The part at a path of fields. */
export const at = (part: Part, ...path: readonly string[]): Part => path.reduce(field, part);

export const listOf = (part: Part): readonly Json[] => (Array.isArray(part) ? (part as readonly Json[]) : []);

export const textOf = (part: Part): string =>
  typeof part === 'string' ? part : part === undefined || part === null ? '' : JSON.stringify(part);

/** What is worth saying of an object, each under a name so that two states of it can be compared. */
type Facts = ReadonlyMap<string, string>;

/**
 * What a write changed. `before` is the object as it was; where it is not known, all that a patch says counts as new.
 */
export function changeText(write: WriteRecord, before: Json | undefined): string {
  if ('delete' in write) return 'gone from the registry';
  const kind = namedBy(write.key)?.info.kind ?? '';
  const after =
    'put' in write
      ? write.put
      : before === undefined
        ? write.patch
        : (mergePatch(before, write.patch) as Json);
  const old = before === undefined ? new Map<string, string>() : factsOf(kind, before);
  const news = [...factsOf(kind, after)]
    .filter(([name, text]) => old.get(name) !== text)
    .map(([, text]) => text);
  if (news.length > 0) return news.join(', ');
  return 'put' in write ? '' : fieldsText(write.patch);
}

function factsOf(kind: string, object: Json): Facts {
  const facts = new Map<string, string>();
  const say = (name: string, text: string): void => {
    if (text !== '') facts.set(name, text);
  };
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined) say('deletion', 'terminating');
  switch (kind) {
    case 'Pod':
      podFacts(object, say);
      break;
    case 'Node':
      for (const condition of listOf(at(object, 'status', 'conditions')))
        if (field(condition, 'type') === 'Ready') sayCondition(condition, say);
      for (const taint of listOf(at(object, 'spec', 'taints')))
        say(
          `taint ${textOf(field(taint, 'key'))}`,
          `taint ${textOf(field(taint, 'key'))}:${textOf(field(taint, 'effect'))}`,
        );
      if (at(object, 'spec', 'unschedulable') === true) say('cordon', 'cordoned');
      break;
    case 'EndpointSlice':
      say('endpoints', endpointsText(listOf(field(object, 'endpoints'))));
      break;
    case 'Endpoints':
      say('subsets', subsetsText(listOf(field(object, 'subsets'))));
      break;
    case 'Event':
      say('message', `${textOf(field(object, 'reason'))}: ${textOf(field(object, 'message'))}`);
      if (typeof field(object, 'count') === 'number' && Number(field(object, 'count')) > 1)
        say('count', `${textOf(field(object, 'count'))} times`);
      break;
    case 'Service':
      say('clusterIP', ipText(textOf(at(object, 'spec', 'clusterIP'))));
      break;
    default:
      workloadFacts(object, say);
  }
  return facts;
}

type Say = (name: string, text: string) => void;

function podFacts(pod: Json, say: Say): void {
  const node = textOf(at(pod, 'spec', 'nodeName'));
  say('node', node === '' ? '' : `on ${node}`);
  say('phase', textOf(at(pod, 'status', 'phase')));
  say('ip', ipText(textOf(at(pod, 'status', 'podIP'))));
  for (const status of listOf(at(pod, 'status', 'containerStatuses'))) sayContainer(status, say);
  for (const condition of listOf(at(pod, 'status', 'conditions'))) sayCondition(condition, say);
}

const ipText = (ip: string): string => (ip === '' || ip === 'None' ? '' : `IP ${ip}`);

/** Conditions that Kubernetes' own readers look at last: they follow from the others. */
const quietConditions = ['PodReadyToStartContainers', 'Initialized', 'ContainersReady'];

function sayCondition(condition: Json, say: Say): void {
  const type = textOf(field(condition, 'type'));
  const reason = textOf(field(condition, 'reason'));
  if (quietConditions.includes(type)) return;
  say(
    `condition ${type}`,
    `${type}=${textOf(field(condition, 'status'))}${reason === '' ? '' : ` (${reason})`}`,
  );
}

function sayContainer(status: Json, say: Say): void {
  const name = textOf(field(status, 'name'));
  const state = field(status, 'state');
  const restarts = Number(field(status, 'restartCount') ?? 0);
  const [word] = typeof state === 'object' && state !== null ? Object.keys(state) : [];
  const reason = textOf(at(state, word ?? '', 'reason'));
  if (word !== undefined) say(`container ${name}`, `${name} ${word}${reason === '' ? '' : ` (${reason})`}`);
  if (restarts > 0)
    say(`restarts ${name}`, `${name} restarted ${restarts === 1 ? 'once' : `${restarts} times`}`);
}

const counts = [
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'currentReplicas',
] as const;

function workloadFacts(object: Json, say: Say): void {
  const wanted = at(object, 'spec', 'replicas');
  if (typeof wanted === 'number') say('wanted', `wants ${wanted}`);
  for (const count of counts) {
    const value = at(object, 'status', count);
    if (typeof value === 'number')
      say(count, `${value} ${count === 'replicas' ? 'there' : count.replace('Replicas', '')}`);
  }
  for (const condition of listOf(at(object, 'status', 'conditions'))) sayCondition(condition, say);
}

function endpointsText(endpoints: readonly Json[]): string {
  const words = endpoints.map((endpoint) => {
    const state =
      at(endpoint, 'conditions', 'terminating') === true
        ? 'terminating'
        : at(endpoint, 'conditions', 'ready') === false
          ? 'not ready'
          : 'ready';
    return [listOf(field(endpoint, 'addresses')).map(textOf).join('/'), state] as const;
  });
  if (words.length === 0) return 'no endpoints';
  if (words.length <= 3) return words.map(([address, state]) => `${address} ${state}`).join(', ');
  return `${words.length} endpoints, ${words.filter(([, state]) => state === 'ready').length} ready`;
}

function subsetsText(subsets: readonly Json[]): string {
  const ready = subsets.flatMap((subset) =>
    listOf(field(subset, 'addresses')).map((address) => `${textOf(field(address, 'ip'))} ready`),
  );
  const waiting = subsets.flatMap((subset) =>
    listOf(field(subset, 'notReadyAddresses')).map((address) => `${textOf(field(address, 'ip'))} not ready`),
  );
  const all = [...ready, ...waiting];
  if (all.length === 0) return 'no addresses';
  return all.length <= 3 ? all.join(', ') : `${all.length} addresses, ${ready.length} ready`;
}

/** `metadata.annotations, status.observedGeneration`: what a patch touches, where there is nothing better to say. */
function fieldsText(patch: Json): string {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return '';
  const all = Object.entries(patch).flatMap(([outer, part]) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.keys(part).map((inner) => `${outer}.${inner}`)
      : [outer],
  );
  const paths = all.filter((path) => path !== 'metadata.resourceVersion');
  return paths.slice(0, 4).join(', ') + (paths.length > 4 ? ', …' : '');
}
