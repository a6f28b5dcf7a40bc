/**
 * A Pod that a recording names: one that somebody named, or the n-th that its owner made. In another run a generated
 * name is another, the n-th Pod of an owner is not.
 */
import type { Pod } from '../../../core/api/generated/types.ts';
import { controllerOf } from '../../../core/api/object.ts';
import type { Recording } from './recording.ts';

export type PodReference =
  | { readonly by: 'name'; readonly name: string }
  /** `ordinal` counts from 0, among all that the owner (`ReplicaSet/web-7f4b5c4445`) has ever made. */
  | { readonly by: 'owner'; readonly owner: string; readonly ordinal: number };

export function podReference({ sightings }: Recording, name: string): PodReference {
  const born = sightings.filter(({ kind, type }) => kind === 'Pod' && type === 'ADDED');
  const found = born.find((sighting) => sighting.name === name);
  const owner = found?.fields['owner'];
  if (found === undefined || typeof owner !== 'string' || !isGenerated(name, found.fields['generateName']))
    return { by: 'name', name };
  const siblings = born.filter(({ fields }) => fields['owner'] === owner);
  return { by: 'owner', owner, ordinal: siblings.indexOf(found) };
}

/** The suffix that the apiserver gives: five letters of its own alphabet. */
const suffix = /^[bcdfghjklmnpqrstvwxz2456789]{5}$/;

export const isGenerated = (name: string, generateName: unknown): boolean =>
  typeof generateName === 'string' &&
  name.startsWith(generateName) &&
  suffix.test(name.slice(generateName.length));

/** The names of the Pods that each owner has made, in order. */
export type Rolls = Readonly<Record<string, readonly string[]>>;

/** The rolls with a Pod that has just been seen for the first time. */
export function enrolled(rolls: Rolls, pod: Pod): Rolls {
  const controller = controllerOf(pod);
  if (controller === undefined) return rolls;
  const owner = `${controller.kind}/${controller.name}`;
  const roll = rolls[owner] ?? [];
  return roll.includes(pod.metadata.name) ? rolls : { ...rolls, [owner]: [...roll, pod.metadata.name] };
}

export const nameOf = (reference: PodReference, rolls: Rolls): string | undefined =>
  reference.by === 'name' ? reference.name : rolls[reference.owner]?.[reference.ordinal];
