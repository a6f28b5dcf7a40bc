/**
 * PostFilter: no node will do, and plugins look for a way to make one do. DefaultPreemption is one of them.
 * (kubernetes v1.34.1 pkg/scheduler/framework/runtime/framework.go, RunPostFilterPlugins)
 */
import type { Duration } from '../time/time.ts';
import type { PostFilterPlugin } from './cycle-plugins.ts';
import { evict, preempt, type PostFilter } from './default-preemption.ts';
import type { Profile, Rejection, Snapshot } from './framework.ts';
import { nominate } from './nominator.ts';
import type { QueuedPod } from './queue.ts';
import type { Decision } from './schedule-one.ts';
import type { Work } from './scheduler.ts';
import { filterWithNominated, leftOut } from './search.ts';
import { waitingFor } from './waiting-pods.ts';

/** What came of it: `message` is that of the Event. `after`: when the attempt is over, from now. */
export function postFilter(
  work: Work,
  profile: Profile,
  queued: QueuedPod,
  decision: Decision,
  snapshot: Snapshot,
  after: Duration,
): { readonly message: string; readonly nominated: string | undefined } {
  const { diagnosis } = decision;
  if (profile.postFilters !== undefined)
    return runAll(work, profile.postFilters, queued, decision, snapshot, after);
  if (profile.withoutPreemption === true)
    return { message: diagnosis.message(undefined), nominated: undefined };
  const { message, nominated } = defaultPreemption(work, queued, decision, snapshot, after);
  return { message: diagnosis.message(message), nominated };
}

/** Looks for victims where there may be any. */
function defaultPreemption(
  work: Work,
  queued: QueuedPod,
  { search, diagnosis }: Decision,
  snapshot: Snapshot,
  after: Duration,
): PostFilter {
  const { info } = queued;
  const none = search === undefined || info.priority <= work.cache.lowestPriority;
  if (!none) return preempt(work, queued, search, snapshot, after);
  const cleared = search !== undefined && info.spec.preemptionPolicy !== 'Never';
  return { message: diagnosis.withoutVictims(info), nominated: cleared ? '' : undefined };
}

/** One after another, until one has found a way or knows that there is none. */
function runAll(
  work: Work,
  plugins: NonNullable<Profile['postFilters']>,
  queued: QueuedPod,
  decision: Decision,
  snapshot: Snapshot,
  after: Duration,
): { readonly message: string; readonly nominated: string | undefined } {
  const { diagnosis } = decision;
  let nominated: string | undefined;
  const reasons: string[] = [];
  for (const plugin of plugins) {
    if (plugin === 'DynamicResources') {
      // It needs what its PreFilter would have left, and ends the matter with an error where a PreFilter rejected the Pod.
      if (decision.search === undefined) return { message: diagnosis.messageWith('not found'), nominated };
      reasons.push('no new claims to deallocate');
    } else if (plugin === 'DefaultPreemption') {
      const tried = defaultPreemption(work, queued, decision, snapshot, after);
      if (tried.message === undefined)
        return { message: diagnosis.messageWith(''), nominated: tried.nominated };
      nominated = tried.nominated ?? nominated;
      reasons.push(`preemption: ${tried.message}`);
    } else {
      const answer = ask(work, plugin, queued, decision, snapshot, after);
      if (answer.outcome === 'nominate') {
        for (const pod of answer.evict ?? []) evict(work, queued.pod, pod, answer.node, snapshot, after);
        work.nominated = nominate(work.nominated, queued.info, answer.node);
        return { message: diagnosis.messageWith(''), nominated: answer.node };
      }
      const { code, reasons: why } = answer.rejection;
      if (code === 'UnschedulableAndUnresolvable')
        return { message: diagnosis.messageWith(why.join(', ')), nominated };
      reasons.push(...why);
    }
  }
  return { message: diagnosis.messageWith(reasons.join(', ')), nominated };
}

function ask(
  work: Work,
  plugin: PostFilterPlugin,
  { info }: QueuedPod,
  { search, diagnosis }: Decision,
  snapshot: Snapshot,
  after: Duration,
): ReturnType<PostFilterPlugin['postFilter']> {
  const verdictOf = (name: string): Rejection | undefined => {
    const node = snapshot.nodes.get(name);
    if (node?.node === undefined) return undefined;
    if (search === undefined) return diagnosis.rejectionOfAll;
    if (search.nodeNames?.includes(name) === false) return leftOut(search);
    return filterWithNominated(search.running, info, node, snapshot);
  };
  return plugin.postFilter(info, snapshot, verdictOf, waitingFor(work, plugin.name, after));
}
