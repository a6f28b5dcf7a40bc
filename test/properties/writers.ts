import type { ApiRequest } from '../../core/api/request.ts';
import type { ClientEvent } from '../../core/client/component.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import type { Observer } from '../../sim/engine/world.ts';

/** Looks on, and knows who wrote which revision: the controller, or the process where that is one client. */
export class Writers implements Observer {
  private readonly asked = new WeakMap<ApiRequest, string>();
  private readonly wrote = new Map<number, string>();

  stepped(
    process: string,
    _before: unknown,
    step: Parameters<Observer['stepped']>[2],
    _now: VirtualTime,
    event: ClientEvent<unknown>,
  ): void {
    for (const request of step.requests)
      if (request.do === 'call' && isWrite(request.request))
        this.asked.set(request.request, process.startsWith('kubelet/') ? process : request.userAgent);
    if (event.type !== 'answer' || !event.answer.ok || event.answer.object === undefined) return;
    const writer = this.asked.get(event.request);
    const revision = Number(event.answer.object.metadata?.resourceVersion ?? 0);
    // A write that changed nothing is answered with what somebody else has written.
    if (writer !== undefined && revision > 0 && !this.wrote.has(revision)) this.wrote.set(revision, writer);
  }

  of(revision: number): string | undefined {
    return this.wrote.get(revision);
  }
}

const isWrite = ({ verb }: ApiRequest): boolean => verb === 'update' || verb === 'patch' || verb === 'create';
