/** What a new object is called, and the rest of its metadata. */
import { registryKey, type ResourceInfo } from '../../api/kinds.ts';
import { keyFor } from '../../api/object.ts';
import type { CreateRequest } from '../../api/request.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import { generatedName, uidFor } from '../names.ts';
import type { ApiserverState } from '../state.ts';
import { unlessEmpty, type Metadata } from '../strategy/stored.ts';

type GivenMetadata = CreateRequest['object']['metadata'];

/** The name and the uid; the state counts the names that were generated. */
export interface Names {
  readonly state: ApiserverState;
  readonly name: string;
  readonly uid: string;
}

/** The name that was given, or one that is generated. */
export function namesFor(
  state: ApiserverState,
  info: ResourceInfo,
  namespace: string | undefined,
  metadata: GivenMetadata,
  now: VirtualTime,
): Names {
  // A client may send null for what it does not say.
  const base = metadata.generateName ?? '';
  const given = metadata.name ?? '';
  if (base === '' || given !== '') {
    return {
      state,
      name: given,
      uid: uidFor(state.luck, registryKey(info, keyFor(namespace, given)), now),
    };
  }
  const counter = keyFor(namespace, base);
  const count = state.generated.get(counter) ?? 0;
  const name = generatedName(state.luck, base, count);
  return {
    state: {
      config: state.config,
      luck: state.luck,
      caches: state.caches,
      custom: state.custom,
      watching: state.watching,
      generated: state.generated.set(counter, count + 1),
      compaction: state.compaction,
      quotas: state.quotas,
      flow: state.flow,
    },
    name,
    uid: uidFor(state.luck, registryKey(info, keyFor(namespace, name)), now),
  };
}

/** Of an object that nobody follows, owners are not kept either. */
export const unowned = (metadata: GivenMetadata): GivenMetadata =>
  metadata.managedFields === undefined ? metadata : { ...metadata, managedFields: undefined };

/** Every field is there, undefined where it has no value: see metadataForUpdate. */
export function metadataOf(
  namespace: string | undefined,
  { name, uid }: Names,
  given: GivenMetadata,
  now: VirtualTime,
): Metadata {
  const metadata: Metadata = {
    name,
    generateName: given.generateName ?? undefined,
    namespace,
    uid,
    resourceVersion: '',
    generation: given.generation ?? undefined,
    creationTimestamp: timeText(now),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    labels: unlessEmpty(given.labels),
    annotations: unlessEmpty(given.annotations),
    ownerReferences: given.ownerReferences ?? undefined,
    finalizers: given.finalizers ?? undefined,
  };
  return given.managedFields === undefined ? metadata : { ...metadata, managedFields: given.managedFields };
}
