/**
 * From the choice of a node until the Pod is bound, in a profile with plugins of one's own: Reserve and Permit look at the
 * node, the Pod waits if one of them asks it to, then PreBind plugins prepare the binding and one Bind plugin sends it. The
 * next Pods are decided meanwhile.
 * (kubernetes v1.34.1 pkg/scheduler/schedule_one.go, bindingCycle; framework/runtime/framework.go)
 */
import type { ObjectKey } from '../api/object.ts';
import { durationText } from '../time/duration.ts';
import { minute, second, type Duration } from '../time/time.ts';
import { failBinding, unreserve } from './binding-failure.ts';
import { sendBinding } from './binding.ts';
import type { CyclePlugins } from './cycle-plugins.ts';
import type { Failure } from './failure.ts';
import { profileFor, type Rejection, type Snapshot } from './framework.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPod } from './queue.ts';
import type { PermitTag, PreBindTag, Work } from './scheduler.ts';
import { snapshotOf } from './snapshot.ts';
import { bindVolumes, reserveVolumes } from './volume-cycle.ts';
import type { VolumePlan } from './volume-plan.ts';
import { signal, waitingFor, type PodInCycle } from './waiting-pods.ts';

/** framework/runtime/framework.go, maxTimeout */
const longestWait = 15 * minute;

/** A plugin has the Pod wait, at most so long. */
interface Pending {
  readonly plugin: string;
  readonly wait: Duration;
}

/** Asks the Reserve and the Permit plugins: who has the Pod wait, or why it may not have the node. */
export function lookOnceMore(
  work: Work,
  plugins: CyclePlugins,
  pod: PodInfo,
  node: string,
  snapshot: Snapshot,
  after: Duration,
): readonly Pending[] | Failure {
  const info = snapshot.nodes.get(node);
  if (info === undefined) return [];
  const refused = (plugin: string, { reasons }: Rejection): Failure => {
    unreserve(work, plugins, pod, node, after);
    return refusal(plugin, reasons.join(', '));
  };
  for (const plugin of plugins.reserves) {
    const rejection = plugin.look(pod, info, snapshot);
    if (rejection !== undefined) return refused(plugin.name, rejection);
  }
  const pending: Pending[] = [];
  for (const plugin of plugins.permits) {
    const verdict = plugin.permit(pod, info, snapshot, waitingFor(work, plugin.name, after));
    if (verdict === undefined) continue;
    if ('code' in verdict) return refused(plugin.name, verdict);
    const wait = Math.min(Math.round(verdict.waitSeconds * second), longestWait);
    pending.push({ plugin: plugin.name, wait });
  }
  return pending;
}

/** A failure of one node: the chosen one. */
const refusal = (plugin: string, reason: string): Failure => ({
  rejectors: plugin === '' ? [] : [plugin],
  reason: 'Unschedulable',
  message: `0/1 nodes are available: 1 ${reason}.`,
  nominated: '',
});

/** The Pod is assumed on the node. `after`: when the decision is over, from now. */
export function beginCycle(
  work: Work,
  queued: QueuedPod,
  node: string,
  plan: VolumePlan | undefined,
  pending: readonly Pending[],
  after: Duration,
): void {
  const { key } = queued.info;
  const names = pending.map(({ plugin }) => plugin);
  work.cycles = work.cycles.set(key, { queued, node, plan, pending: names, next: 0 });
  if (plan !== undefined) reserveVolumes(work, queued, plan);
  for (const { plugin, wait } of pending) {
    const tag: PermitTag = { of: 'permit', key, plugin, wait, attempt: attemptOf(queued) };
    work.requests.push({ do: 'timer', tag, after: after + wait });
  }
  if (names.length === 0) goOnBinding(work, key, after);
}

const attemptOf = ({ info, attempts }: QueuedPod): string => `${info.uid}/${attempts}`;

/** A plugin has had the Pod wait for as long as it said. */
export function onWaitOver(work: Work, { key, plugin, wait, attempt }: PermitTag): void {
  const cycle = work.cycles.get(key);
  if (cycle === undefined || attemptOf(cycle.queued) !== attempt || !cycle.pending.includes(plugin)) return;
  const message = `rejected due to timeout after waiting ${durationText(wait)} at plugin ${plugin}`;
  signal(work, { key, plugin, message, after: 0 });
}

/** A PreBind plugin is done. */
export function onPreBindOver(work: Work, { key, attempt }: PreBindTag): void {
  const cycle = work.cycles.get(key);
  if (cycle !== undefined && attemptOf(cycle.queued) === attempt) goOnBinding(work, key, 0);
}

/** Carries out what plugins have said about Pods that wait; what they say meanwhile too. */
export function heedSignals(work: Work): void {
  for (let said = work.signals?.shift(); said !== undefined; said = work.signals?.shift()) {
    const { key, plugin, message, after } = said;
    const cycle = work.cycles.get(key);
    if (cycle === undefined || cycle.pending.length === 0) continue;
    if (message !== undefined) {
      failBinding(work, cycle.queued, cycle.queued.info.uid, refusal(plugin, message), after);
      continue;
    }
    const pending = cycle.pending.filter((name) => name !== plugin);
    work.cycles = work.cycles.set(key, { ...cycle, pending });
    if (pending.length === 0) goOnBinding(work, key, after);
  }
}

/** The volumes of a Pod are bound. */
export function onVolumesBound(work: Work, { info }: QueuedPod): void {
  goOnBinding(work, info.key, 0);
}

/** The PreBind plugins that are left, then Bind. */
function goOnBinding(work: Work, key: ObjectKey, after: Duration): void {
  const cycle = work.cycles.get(key);
  if (cycle === undefined) return;
  const { queued, node, plan } = cycle;
  const plugins = profileFor(work, queued.pod)?.cycle;
  const info = work.cache.nodes.get(node);
  if (plugins === undefined || info === undefined) return;
  for (let next = cycle.next; next < plugins.preBinds.length; next++) {
    const plugin = plugins.preBinds[next];
    if (plugin === undefined) continue;
    if (plugin === 'VolumeBinding') {
      if (plan === undefined) continue;
      work.cycles = work.cycles.set(key, { ...cycle, next: next + 1 });
      bindVolumes(work, queued, plan, after);
      return;
    }
    const answer = plugin.preBind(queued.info, info, snapshotOf(work));
    if (answer.outcome !== 'ready') {
      failWith(work, queued, failureOf('PreBind', plugin.name, answer), after);
      return;
    }
    const { seconds = 0 } = answer;
    if (seconds === 0) continue;
    work.cycles = work.cycles.set(key, { ...cycle, next: next + 1 });
    const tag: PreBindTag = { of: 'preBind', key, attempt: attemptOf(queued) };
    work.requests.push({ do: 'timer', tag, after: after + Math.round(seconds * second) });
    return;
  }
  bind(work, plugins, cycle, after);
}

/** The first plugin that does not skip binds the Pod. */
function bind(work: Work, plugins: CyclePlugins, { queued, node }: PodInCycle, after: Duration): void {
  const info = work.cache.nodes.get(node);
  if (info === undefined) return;
  for (const plugin of plugins.binds) {
    if (plugin === 'DefaultBinder') {
      leave(work, queued);
      sendBinding(work, queued, node, after);
      return;
    }
    const answer = plugin.bind(queued.info, info, snapshotOf(work));
    if (answer.outcome === 'skip') continue;
    if (answer.outcome === 'bind') {
      leave(work, queued);
      sendBinding(work, queued, node, after, { binder: plugin.name, annotations: answer.annotations });
    } else failWith(work, queued, failureOf('Bind', plugin.name, answer), after);
    return;
  }
  failWith(work, queued, { rejectors: [], reason: 'SchedulerError', message: '', nominated: '' }, after);
}

function leave(work: Work, { info }: QueuedPod): void {
  work.cycles = work.cycles.delete(info.key);
}

const failWith = (work: Work, queued: QueuedPod, failure: Failure, after: Duration): void => {
  failBinding(work, queued, queued.info.uid, failure, after);
};

type Refused =
  | { readonly outcome: 'reject'; readonly rejection: Rejection }
  | { readonly outcome: 'fail'; readonly message: string };

/** A rejection is told in the plugin's words, and nobody is to blame: the Pod comes back by itself. */
const failureOf = (point: 'PreBind' | 'Bind', plugin: string, refused: Refused): Failure =>
  refused.outcome === 'reject'
    ? {
        rejectors: [],
        reason: 'Unschedulable',
        message: refused.rejection.reasons.join(', '),
        nominated: '',
      }
    : {
        rejectors: [],
        reason: 'SchedulerError',
        message: `running ${point} plugin "${plugin}": ${refused.message}`,
        nominated: '',
      };
