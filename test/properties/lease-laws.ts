/**
 * P27: a Lease goes to another holder only by who has seen it unchanged for as long as it says, by his own clock, or found it
 * free. What a candidate has seen is what he was answered: this reads neither his state nor anybody's times in the Lease.
 */
import type { Lease } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { ApiRequest } from '../../core/api/request.ts';
import type { ClientEvent } from '../../core/client/component.ts';
import { eventsAt, type Store } from '../../core/etcd/store.ts';
import { second, type VirtualTime } from '../../core/time/time.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { LawBook } from './law-book.ts';

/** A Lease as somebody saw it last, and when he first saw it so. */
interface Sight {
  readonly lease: Lease;
  readonly since: VirtualTime;
}

type Step = Parameters<Observer['stepped']>[2];

export class LeaseLaws extends LawBook implements Observer {
  /** By process and Lease. */
  private readonly sights = new Map<string, Sight>();
  /** Who was seen to ask for what: `name, the revision it is to follow, holder`. */
  private readonly asked = new Set<string>();

  stepped(
    process: string,
    _before: unknown,
    step: Step,
    _now: VirtualTime,
    event: ClientEvent<unknown>,
    clock: VirtualTime,
  ): void {
    if (!isCandidate(process)) return;
    // Another life knows nothing of what the one before it has seen.
    if (event.type === 'start') for (const name of elected) this.sights.delete(`${process} ${name}`);
    if (event.type === 'answer' && event.answer.ok && event.answer.object?.kind === 'Lease')
      this.saw(process, event.answer.object as Lease, clock);
    for (const request of step.requests)
      if (request.do === 'call') this.asks(process, request.request, clock);
  }

  private saw(process: string, lease: Lease, clock: VirtualTime): void {
    const key = `${process} ${lease.metadata.name}`;
    const known = this.sights.get(key)?.lease.metadata.resourceVersion;
    if (known !== lease.metadata.resourceVersion) this.sights.set(key, { lease, since: clock });
  }

  private asks(process: string, request: ApiRequest, clock: VirtualTime): void {
    if (request.resource !== 'leases' || (request.verb !== 'update' && request.verb !== 'create')) return;
    const next = request.object as unknown as Lease;
    const { name, resourceVersion: follows } = next.metadata;
    const holder = next.spec?.holderIdentity ?? '';
    const sight = this.sights.get(`${process} ${name}`);
    this.asked.add(`${name} ${request.verb === 'create' ? 'new' : follows} ${holder}`);
    if (request.verb === 'create') return;
    if (sight === undefined || sight.lease.metadata.resourceVersion !== follows)
      return this.law('P27 seen', false, () => `${process} writes ${name} as it has not seen it`);
    const { holderIdentity = '', leaseDurationSeconds = 0 } = sight.lease.spec ?? {};
    if (holderIdentity === '' || holderIdentity === holder) return;
    const waited = clock - sight.since;
    this.law(
      'P27 waited',
      waited >= leaseDurationSeconds * second,
      () => `${process} takes ${name} from ${holderIdentity} after ${waited / second} s`,
    );
  }

  /** Every holder that the history knows is one that was seen to ask for it, and for that very revision. */
  againstHistory(store: Store<ApiObject>): void {
    for (let revision = 2; revision <= store.revision; revision++)
      for (const { kv, prevKv } of eventsAt(store, revision)) {
        const is = kv?.value as Lease | undefined;
        const was = prevKv?.value as Lease | undefined;
        if (is?.kind !== 'Lease' || !elected.includes(is.metadata.name)) continue;
        const holder = is.spec?.holderIdentity ?? '';
        if (holder === (was?.spec?.holderIdentity ?? '')) continue;
        const { name } = is.metadata;
        const follows = was?.metadata.resourceVersion ?? 'new';
        this.law(
          'P27 asked',
          this.asked.has(`${name} ${follows} ${holder}`),
          () => `revision ${revision}: nobody asked that ${holder} follow on revision ${follows} of ${name}`,
        );
      }
  }
}

/** The Leases that are elected by, each named after its component. */
export const elected: readonly string[] = ['kube-controller-manager', 'kube-scheduler'];

const isCandidate = (process: string): boolean => elected.some((component) => process.startsWith(component));

/** L1: the Leases whose holder does not lead. `leads`: whether a process has that identity and works. */
export const leaderless = (
  leases: readonly Lease[],
  leads: (component: string, identity: string) => boolean,
): readonly string[] =>
  elected.flatMap((component) => {
    const holder = leases.find(({ metadata }) => metadata.name === component)?.spec?.holderIdentity ?? '';
    return leads(component, holder)
      ? []
      : [`L1: ${component} is held by ${holder || 'nobody'}, who does not lead`];
  });
