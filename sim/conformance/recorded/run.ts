/**
 * A recorded scenario done again in wavetank: the real engine with etcd, apiserver, scheduler and controller-manager,
 * the hollow kubelet and the runner. What its watches would have told is read from the trace.
 */
import { adminUser, certificateOf } from '../../../core/apiserver/authentication/identities.ts';
import { mergePatch, same } from '../../../core/api/merge-patch.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import { parseRegistryKey } from '../../../core/api/kinds.ts';
import { fixed } from '../../../core/random/distribution.ts';
import { microsecond, millisecond, second, type VirtualTime } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../cluster/spec.ts';
import { keyringOf } from '../../process/keyring.ts';
import { clientProgram, type Program } from '../../process/program.ts';
import { Simulation } from '../../engine/simulation.ts';
import { defaultCluster } from '../../scenario/defaults.ts';
import { observeWrites, type Write } from '../../workload/write-observer.ts';
import { condensed } from './condense.ts';
import type { Deed } from './deed.ts';
import { newGoldenRunner, reduceGoldenRunner, type Outcome, type RunnerState } from './golden-runner.ts';
import { newHollowKubelet, reduceHollowKubelet, type Incident } from './hollow-kubelet.ts';
import type { Recording, Sighting } from './recording.ts';
import { givenClasses, loopPhase, nodesOf, secondOfMinute, selectedLabels } from './surroundings.ts';

export interface Rerun {
  readonly sightings: readonly Sighting[];
  readonly outcomes: readonly Outcome[];
}

/** How long the cluster runs before a scenario begins. */
const warmUp = 60 * second;

export function rerun(recording: Recording, deeds: readonly Deed[]): Rerun {
  const began = beginning(recording);
  const spec: ClusterSpec = {
    ...defaultCluster,
    seed: recording.scenario,
    nodes: [],
    network: quiet,
    limits: { controllerManager: unlimited, scheduler: unlimited, kubelet: unlimited },
    heartbeats: 'exact',
    actions: [],
    faults: [],
    workload: [],
  };
  const timed = deeds.map((deed) => ({ ...deed, at: began + Math.round(deed.at * millisecond) }));
  const sightings: Sighting[] = [];
  const observe = observer(recording, began, (sighting) => sightings.push(sighting));
  const simulation = Simulation.create(spec, {
    trace: observeWrites(['/registry/'], observe),
    programs: programs(recording, timed),
  });
  simulation.run({ time: began + (recording.end + afterwards) * millisecond });
  simulation.close();
  const { outcomes } = simulation.stateOf('golden-runner') as RunnerState;
  return { sightings, outcomes };
}

/**
 * Every message takes its time and no more: what chance made of the recording's milliseconds is not to be made again.
 */
const quiet = {
  clientToApiserver: fixed(300 * microsecond),
  apiserverToEtcd: fixed(150 * microsecond),
  etcdCommit: fixed(1_500 * microsecond),
};

const unlimited = { qps: 0, burst: 0 };

/** How much longer the run goes on, in milliseconds: what comes a little later than recorded is seen. */
const afterwards = 2_000;

/** The wall clock and the manager's loops, which begin with the run, stand as they stood. */
function beginning(recording: Recording): VirtualTime {
  const within = secondOfMinute(recording);
  if (within !== undefined && recording.manifests.some(({ kind }) => kind === 'CronJob'))
    return warmUp + within * millisecond;
  const loop = loopPhase(recording);
  return loop === undefined ? warmUp : warmUp + (loop.period - (loop.at % loop.period)) * millisecond;
}

function programs(recording: Recording, deeds: readonly Deed[]): readonly Program[] {
  const keyring = keyringOf(certificateOf(adminUser));
  return [
    clientProgram({
      name: 'hollow-kubelet',
      kind: 'kubelet',
      keyring,
      first: newHollowKubelet(
        recording.namespace,
        nodesOf(recording, deeds),
        selectedLabels(recording),
        deeds.filter(isIncident),
      ),
      reduce: reduceHollowKubelet,
    }),
    clientProgram({
      name: 'golden-runner',
      kind: 'user',
      keyring,
      first: newGoldenRunner(recording.namespace, givenClasses(recording), deeds),
      reduce: reduceGoldenRunner,
    }),
  ];
}

const isIncident = (deed: Deed): deed is Incident =>
  deed.do === 'ready' || deed.do === 'addNode' || deed.do === 'stopNode' || deed.do === 'startNode';

/** Tells of each write what the recorder's watches would have told, of the scenario's namespace and of nodes it speaks of. */
function observer(
  recording: Recording,
  began: VirtualTime,
  tell: (sighting: Sighting) => void,
): (write: Write) => void {
  const held = new Map<string, Held>();
  const nodes = new Set(recording.sightings.filter(({ kind }) => kind === 'Node').map(({ name }) => name));
  const isWatched = ({ metadata }: ApiObject, kind: string): boolean =>
    metadata.namespace === recording.namespace ||
    (kind === 'Namespace' && metadata.name === recording.namespace) ||
    (kind === 'Node' && nodes.has(metadata.name)) ||
    (kind === 'Event' && nodes.has(nodeOf(metadata.name)));
  return ({ key, at, put, patch, delete: deleted }) => {
    const parsed = parseRegistryKey(key);
    if (parsed === undefined) return;
    const { kind } = parsed.info;
    const before = held.get(key);
    const time = (at - began) / millisecond;
    if (deleted === true) {
      held.delete(key);
      if (before !== undefined && time >= 0)
        tell({ at: time, type: 'DELETED', kind, name: before.object.metadata.name, fields: before.fields });
      return;
    }
    const object = (put ?? mergePatch(before?.object, patch)) as ApiObject;
    if (!isWatched(object, kind)) return;
    const fields = condensed(kind, object);
    held.set(key, { object, fields });
    if (time < 0) return;
    const { name } = object.metadata;
    if (before === undefined) tell({ at: time, type: 'ADDED', kind, name, fields });
    else tell({ at: time, type: 'MODIFIED', kind, name, fields: changes(before.fields, fields) });
  };
}

interface Held {
  readonly object: ApiObject;
  readonly fields: Readonly<Record<string, Json>>;
}

/** The name of an Event is its object's and a stamp. */
const nodeOf = (event: string): string => event.slice(0, event.indexOf('.'));

function changes(
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  const changed: Record<string, Json> = {};
  for (const [name, value] of Object.entries(after)) if (!same(before[name], value)) changed[name] = value;
  for (const name of Object.keys(before)) if (after[name] === undefined) changed[name] = null;
  return changed;
}
