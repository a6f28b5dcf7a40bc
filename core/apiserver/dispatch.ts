/** Telling watchers of a change: each sees the part it selects, and an object that enters or leaves that part. */
import type { ResourceInfo } from '../api/kinds.ts';
import { stampRevision, type ApiObject } from '../api/object.ts';
import type { WatchEvent } from '../api/request.ts';
import type { View } from '../api/view.ts';
import { shown } from './custom/versions.ts';
import type { Ask } from './state.ts';
import type { Change, WatchCache } from './watch-cache.ts';
import { selects, visitInterested, type Watcher } from './watchers.ts';

/** Adds the deliveries of a change to the cache as it is right after it. */
export function dispatch({ info, watchers, view }: WatchCache, change: Change, into: Ask[]): void {
  const events = new EventsOf(info, change, view);
  visitInterested(watchers, change.object, change.before, (watcher) => {
    const event = events.for(watcher);
    if (event !== undefined) into.push({ do: 'deliver', watcher: watcher.id, event });
  });
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
  }

  for(watcher: Watcher): WatchEvent | undefined {
    const event = this.kept(watcher);
    if (watcher.version === undefined || event === undefined) return event;
    return { ...event, object: shown(this.info, event.object as ApiObject, watcher.version) };
  }

  /** The event with the object in the version it is kept in. */
  private kept(watcher: Watcher): WatchEvent | undefined {
    if (this.change.revision <= watcher.after) return undefined;
    if (watcher.namespace === undefined && watcher.labels.length === 0 && watcher.fields.length === 0)
      return this.asItIs();
    const { object, before, deleted } = this.change;
    const had = before !== undefined && selects(watcher, before);
    const has = !deleted && selects(watcher, object);
    if (had && has) return this.asItIs();
    if (has) return (this.entered ??= this.event('ADDED', object));
    if (!had) return undefined;
    return deleted
      ? this.asItIs()
      : (this.left ??= this.event('DELETED', stampRevision(before, this.change.revision)));
  }

  private asItIs(): WatchEvent {
    const { object, before, deleted } = this.change;
    return (this.whole ??= this.event(
      deleted ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED',
      object,
    ));
  }

  private event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject): WatchEvent {
    return { type, object, view: this.view, before: this.change.before };
  }
}
