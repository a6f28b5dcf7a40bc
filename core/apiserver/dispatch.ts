/** Telling watchers of a change: each sees the part it selects, and an object that enters or leaves that part. */
import type { ResourceInfo } from '../api/kinds.ts';
import { stampRevision, type ApiObject } from '../api/object.ts';
import type { WatchEvent } from '../api/request.ts';
import type { View } from '../api/view.ts';
import { shown } from './custom/versions.ts';
import type { Ask } from './state.ts';
import type { Change, WatchCache } from './watch-cache.ts';
import { fieldValue, followsFieldAlone, selects, type FieldInterest, type Watcher } from './watchers.ts';

/**
 * Adds the deliveries of a change to the cache as it is right after it: to those that follow everything, then the
 * namespace's, then the fields', then the others, each in the order they came.
 */
export function dispatch({ info, watchers, view }: WatchCache, change: Change, into: Ask[]): void {
  const events = new EventsOf(info, change, view);
  tell(watchers.all, events, into);
  const { namespace } = change.object.metadata;
  if (namespace !== undefined && watchers.byNamespace.size > 0)
    tell(watchers.byNamespace.get(namespace), events, into);
  for (let i = 0; i < watchers.byField.length; i++)
    tellOfField(watchers.byField[i] as FieldInterest, change, events, into);
  tell(watchers.others, events, into);
}

function tell(list: readonly Watcher[] | undefined, events: EventsOf, into: Ask[]): void {
  if (list === undefined) return;
  for (let i = 0; i < list.length; i++) {
    const watcher = list[i] as Watcher;
    push(watcher, events.for(watcher), into);
  }
}

function push({ id }: Watcher, event: WatchEvent | undefined, into: Ask[]): void {
  if (event !== undefined) into.push({ do: 'deliver', watcher: id, event });
}

/** Those who follow the value that the object had, where it has another now, and those who follow the one that it has. */
function tellOfField({ field, byValue }: FieldInterest, change: Change, events: EventsOf, into: Ask[]): void {
  const { object, before, deleted } = change;
  const now = fieldValue(field, object);
  const was = before === undefined ? now : fieldValue(field, before);
  if (was !== now) tellFollowers(byValue.get(was), events, true, false, into);
  tellFollowers(byValue.get(now), events, before !== undefined && was === now, !deleted, into);
}

/** `had`, `has`: whether the value they follow is the one that the object had, and has. */
function tellFollowers(
  list: readonly Watcher[] | undefined,
  events: EventsOf,
  had: boolean,
  has: boolean,
  into: Ask[],
): void {
  if (list === undefined) return;
  for (let i = 0; i < list.length; i++) {
    const watcher = list[i] as Watcher;
    push(watcher, followsFieldAlone(watcher) ? events.known(watcher, had, has) : events.for(watcher), into);
  }
}

/** The events that one change is told as: made when the first watcher needs them, and shared. */
export class EventsOf {
  private readonly info: ResourceInfo;
  private readonly change: Change;
  private readonly view: View;
  private whole: WatchEvent | undefined;
  private entered: WatchEvent | undefined;
  private left: WatchEvent | undefined;

  constructor(info: ResourceInfo, change: Change, view: View) {
    this.info = info;
    this.change = change;
    this.view = view;
    this.whole = undefined;
    this.entered = undefined;
    this.left = undefined;
  }

  for(watcher: Watcher): WatchEvent | undefined {
    if (watcher.namespace === undefined && watcher.labels.length === 0 && watcher.fields.length === 0)
      return this.change.revision <= watcher.after ? undefined : this.inItsVersion(watcher, this.asItIs());
    const { object, before, deleted } = this.change;
    return this.known(
      watcher,
      before !== undefined && selects(watcher, before),
      !deleted && selects(watcher, object),
    );
  }

  /** The event for a watcher of which is known whether it selected the object, and selects it. */
  known(watcher: Watcher, had: boolean, has: boolean): WatchEvent | undefined {
    if ((!had && !has) || this.change.revision <= watcher.after) return undefined;
    return this.inItsVersion(watcher, had && has ? this.asItIs() : has ? this.entering() : this.leaving());
  }

  /** The event with the object in the version it is kept in, unless the watcher speaks another. */
  private inItsVersion(watcher: Watcher, event: WatchEvent): WatchEvent {
    if (watcher.version === undefined) return event;
    return { ...event, object: shown(this.info, event.object as ApiObject, watcher.version) };
  }

  private asItIs(): WatchEvent {
    const { object, before, deleted } = this.change;
    return (this.whole ??= this.event(
      deleted ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED',
      object,
    ));
  }

  private entering(): WatchEvent {
    return (this.entered ??= this.event('ADDED', this.change.object));
  }

  /** The object is gone, or is as it was told of last, at the revision at which it left. */
  private leaving(): WatchEvent {
    const { before, deleted, revision } = this.change;
    if (deleted || before === undefined) return this.asItIs();
    return (this.left ??= this.event('DELETED', stampRevision(before, revision)));
  }

  private event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject): WatchEvent {
    return { type, object, view: this.view, before: this.change.before };
  }
}
