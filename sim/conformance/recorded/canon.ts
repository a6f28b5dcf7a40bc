/**
 * Names and texts of one side, made comparable with the other's: a generated suffix becomes `<pod>` or `<slice>`, a
 * node that the scheduler chose `<node>`, a scheduled minute its number, uids, addresses and times placeholders. Hashes
 * stay as they are, but of templates that hold the time of a restart.
 */
import type { Sighting } from './recording.ts';
import { isGenerated } from './pod-reference.ts';

export interface Canon {
  /** A text in which names may occur. */
  readonly text: (text: string) => string;
  /** A node's name, as far as it is not free. `owner` is who owns the Pod that runs there. */
  readonly node: (node: string, owner: string | undefined) => string;
  /** Who owns a Pod, by its name. */
  readonly ownerOf: (pod: string) => string | undefined;
}

/** `restarts`: when a template got the time of a restart; ReplicaSets that appear within a second have its hash. */
export function canonOf(sightings: readonly Sighting[], restarts: readonly number[]): Canon {
  const born = sightings.filter(({ type }) => type === 'ADDED');
  const prefixes = new Set<string>();
  const slices = new Set<string>();
  const owners = new Map<string, string>();
  for (const { kind, name, fields } of born) {
    const { generateName, owner } = fields;
    if (kind === 'Pod' && typeof owner === 'string') owners.set(name, owner);
    if (typeof generateName === 'string' && isGenerated(name, generateName))
      (kind === 'EndpointSlice' ? slices : prefixes).add(generateName);
    if (['ReplicaSet', 'DaemonSet', 'Job', 'ReplicationController'].includes(kind)) prefixes.add(`${name}-`);
  }
  const generated = pattern([...prefixes]);
  const sliced = pattern([...slices]);
  const minutes = minutesIn(born);
  const restarted = born.filter(
    ({ kind, at }) => kind === 'ReplicaSet' && restarts.some((then) => at >= then && at - then < 1_000),
  );
  const text = (given: string): string => {
    let result = given;
    if (generated !== undefined) result = result.replace(generated, '$1<pod>');
    if (sliced !== undefined) result = result.replace(sliced, '$1<slice>');
    for (const { name } of restarted) result = result.replaceAll(hashOf(name), '<restarted>');
    return result
      .replace(/-(\d{8})(?!\d)/g, (whole, minute: string) =>
        minutes.has(minute) ? `-<t${minutes.get(minute)}>` : whole,
      )
      .replace(uid, '<uid>')
      .replace(time, '<time>')
      .replace(address, '<ip>');
  };
  const node = (name: string, owner: string | undefined): string =>
    owner?.startsWith('DaemonSet/') === true ? name : '<node>';
  return { text, node, ownerOf: (pod) => owners.get(pod) };
}

const uid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const time = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const address = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|<clusterip>/g;

function pattern(prefixes: readonly string[]): RegExp | undefined {
  if (prefixes.length === 0) return undefined;
  const longestFirst = [...prefixes].sort((a, b) => b.length - a.length);
  const choice = longestFirst.map((prefix) => prefix.replace(/[.]/g, '\\.')).join('|');
  return new RegExp(`(?<![a-z0-9.-])(${choice})[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9-])`, 'g');
}

const hashOf = (name: string): string => name.slice(name.lastIndexOf('-') + 1);

/** The scheduled minutes in the names of CronJobs' Jobs, numbered in their order. */
function minutesIn(born: readonly Sighting[]): ReadonlyMap<string, number> {
  const found = born
    .filter(({ kind, fields }) => kind === 'Job' && String(fields['owner'] ?? '').startsWith('CronJob/'))
    .map(({ name }) => hashOf(name));
  return new Map([...new Set(found)].sort().map((minute, i) => [minute, i + 1]));
}
