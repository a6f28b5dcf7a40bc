/** What the garbage collector may delete: each of its deletions is held against what it has read, and has heard to be deleted. */
import { resourceOfKind } from '../../core/api/kinds.ts';
import { keyFor, keyOf, type ApiObject } from '../../core/api/object.ts';
import type { OwnerReference } from '../../core/api/generated/types.ts';
import type { ApiAnswer, ApiRequest, GetRequest } from '../../core/api/request.ts';
import type { ControllerTag } from '../../core/controllers/manager.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { LawBook } from './law-book.ts';
import { syncTagOf } from './sync-view.ts';

const collector = 'generic-garbage-collector';

/** `heard`: a deletion that was heard of is as good as a read, as in Kubernetes, whose memory of absent owners has both. */
export type Proof = 'read or heard' | 'read';

export class OwnerLaws extends LawBook implements Observer {
  private readonly proof: Proof;
  /** The object that each sync is about, as it has read it. */
  private readonly collected = new Map<string, ApiObject>();
  /** Owners that are gone or wait for their dependents, by place and uid. */
  private readonly proven = new Set<string>();

  constructor(proof: Proof = 'read or heard') {
    super();
    this.proof = proof;
  }

  stepped(process: string, ...[, step, , event]: Tail<Parameters<Observer['stepped']>>): void {
    if (process !== 'kube-controller-manager') return;
    if (event.type === 'start') this.proven.clear();
    if (event.type === 'watch' && event.event.type === 'DELETED' && this.proof === 'read or heard') {
      const object = event.event.object as ApiObject;
      this.proven.add(`${event.stream} ${keyOf(object)} ${object.metadata.uid}`);
    }
    if (event.type === 'answer') this.answered(event.tag as ControllerTag, event.request, event.answer);
    for (const asked of step.requests) {
      const tag = syncTagOf(asked);
      if (asked.do === 'call' && tag?.controller === collector && asked.request.verb === 'delete')
        this.deletes(tag.key);
    }
  }

  private answered(tag: ControllerTag, request: ApiRequest, answer: ApiAnswer): void {
    if (tag.of !== 'sync' || tag.controller !== collector || request.verb !== 'get') return;
    const place = placeOf(request);
    if (place === tag.key) {
      if (answer.ok && answer.object !== undefined) this.collected.set(tag.key, answer.object);
      return;
    }
    const object = this.collected.get(tag.key);
    if (answer.ok ? answer.object === undefined : answer.code !== 404) return;
    const found = answer.ok ? answer.object : undefined;
    for (const owner of object?.metadata.ownerReferences ?? [])
      if (placeMeant(owner, object?.metadata.namespace) === place && !stays(found, owner.uid))
        this.proven.add(`${place} ${owner.uid}`);
  }

  /** P25: each owner was absent, or another object, or waits for this one to go, where the reference means it to be. */
  private deletes(key: string): void {
    const object = this.collected.get(key);
    const owners = object?.metadata.ownerReferences ?? [];
    const unproven = owners.filter(
      (owner) => !this.proven.has(`${placeMeant(owner, object?.metadata.namespace) ?? ''} ${owner.uid}`),
    );
    this.law('P25', owners.length > 0 && unproven.length === 0, () => {
      const names = unproven.map(({ kind, name }) => `${kind} ${name}`).join();
      return `${key} is deleted, though ${names || 'nobody'} may be there`;
    });
  }
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

const placeOf = ({ resource, namespace, name }: GetRequest): string =>
  `${resource} ${keyFor(namespace, name)}`;

/** Where an object of a namespace has its owner. */
function placeMeant(owner: OwnerReference, namespace: string | undefined): string | undefined {
  const info = resourceOfKind(owner.apiVersion, owner.kind);
  return info && `${info.resource} ${keyFor(info.namespaced ? namespace : undefined, owner.name)}`;
}

const stays = (found: ApiObject | undefined, uid: string): boolean =>
  found?.metadata.uid === uid &&
  !(
    found.metadata.deletionTimestamp !== undefined &&
    found.metadata.finalizers?.includes('foregroundDeletion') === true
  );
