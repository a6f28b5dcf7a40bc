/** `wavetank etcd get`: the registry as etcd held it at a time of a run, told as etcdctl tells it. */
import { resources } from '../core/api/kinds.ts';
import type { Json } from '../core/api/generated/types.ts';
import { nearest } from '../core/api/nearest.ts';
import type { VirtualTime } from '../core/time/time.ts';
import { cutOffNote, registryAt } from './trace/registry-at.ts';
import type { Registry, RegistryEntry } from './trace/registry.ts';
import type { TraceSource } from './trace/source.ts';
import { clockText } from './terminal.ts';

export interface EtcdGetOptions {
  readonly key: string;
  /** Every key that begins with `key`. */
  readonly prefix?: boolean;
  /** What has happened by then; absent: at the end of the trace. */
  readonly at?: VirtualTime | undefined;
  readonly keysOnly?: boolean;
  readonly format?: 'text' | 'json';
}

export interface EtcdGetAnswer {
  /** For standard output. */
  readonly text: string;
  /** For standard error: why there is nothing, or that the trace was cut off. */
  readonly notes: readonly string[];
}

/** Reads what etcd held under a key. Finding nothing is an answer too, as for etcdctl. */
export function etcdGet(source: TraceSource, options: EtcdGetOptions): EtcdGetAnswer {
  const { registry, truncated } = registryAt(source, [options.key], options.at);
  const found = selected(registry, options);
  const notes = truncated ? [cutOffNote(source)] : [];
  if (options.format === 'json')
    return {
      text: jsonText(registry, found),
      notes: found.length > 0 ? notes : [...notes, absence(source, options)],
    };
  if (found.length === 0) return { text: '', notes: [...notes, absence(source, options)] };
  const lines = found.flatMap(([key, entry]) => {
    if (options.keysOnly === true) return [key];
    return [key, JSON.stringify(entry.object, null, options.prefix === true ? 0 : 2)];
  });
  return { text: lines.join('\n') + '\n', notes };
}

type Found = readonly (readonly [key: string, entry: RegistryEntry])[];

function selected(registry: Registry, { key, prefix, keysOnly }: EtcdGetOptions): Found {
  const found: (readonly [string, RegistryEntry])[] = [];
  registry.entries.scan(key, undefined, (at, entry) => {
    if (prefix === true ? !at.startsWith(key) : at !== key) return false;
    found.push([at, keysOnly === true ? { ...entry, object: null } : entry]);
    return undefined;
  });
  return found;
}

/** As `etcdctl get -w json` has it, with the value itself instead of its bytes in base64. */
function jsonText(registry: Registry, found: Found): string {
  const kvs = found.map(([key, { object, createRevision, modRevision, version }]): Json => ({
    key,
    create_revision: createRevision,
    mod_revision: modRevision,
    version,
    ...(object === null ? {} : { value: object }),
  }));
  return JSON.stringify({ header: { revision: registry.revision }, kvs, count: kvs.length }, null, 2) + '\n';
}

/** Why there is nothing, and the key that may have been meant. */
function absence(source: TraceSource, { key, prefix, at }: EtcdGetOptions): string {
  const { registry } = registryAt(source, [], at);
  const when = at === undefined ? 'at the end of the trace' : `at ${clockText(at)}`;
  if (prefix !== true) {
    const under = key.endsWith('/') ? key : `${key}/`;
    const below = registry.entries.rankAfter(`${under}\uffff`) - registry.entries.rank(under);
    if (below > 0) return `no key ${key} ${when}, but ${below} below it: --prefix shows them`;
  }
  const candidates =
    prefix === true ? resources.map((info) => info.registryPrefix) : [...registry.entries.keys()];
  const meant = nearest(key, candidates);
  return `no key ${prefix === true ? 'begins with ' : ''}${key} ${when}${meant === undefined || meant === key ? '' : `; did you mean ${meant}?`}`;
}
