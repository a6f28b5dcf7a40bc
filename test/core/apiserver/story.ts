/** A transcript of requests and what they led to: answers, and what watchers were told, in words a person can read. */
import type { ApiObject } from '../../../core/api/object.ts';
import type {
  ApiAnswer,
  ApiRequest,
  NewObject,
  Status,
  WatchEvent,
  WatchRequest,
} from '../../../core/api/request.ts';
import { Cluster, type Watched } from './cluster.ts';

export class Story {
  readonly cluster: Cluster;
  private readonly lines: string[] = [];
  private readonly watches: { readonly name: string; readonly watched: Watched; told: number }[] = [];

  constructor(servers = 1) {
    this.cluster = new Cluster(servers);
  }

  /** Why what follows is worth reading. */
  say(text: string): void {
    this.lines.push(...(this.lines.length === 0 ? [] : ['']), `# ${text}`);
  }

  /** What a look at something shows. */
  note(lines: readonly string[]): void {
    this.lines.push(...lines.map((line) => `     ${line}`));
  }

  watch(name: string, request: Omit<WatchRequest, 'verb'>, server = 0): void {
    this.lines.push(`watch ${name}: ${wordsOf(request)}`);
    this.watches.push({ name, watched: this.cluster.watch(request, server), told: 0 });
    this.report();
  }

  call(request: ApiRequest, server = 0): ApiAnswer {
    const place = this.cluster.servers.length > 1 ? ` (apiserver-${server})` : '';
    this.lines.push(`${request.verb} ${wordsOf(request)}${place}`);
    const answer = this.cluster.call(request, server);
    this.lines.push(`  -> ${answerText(answer)}`);
    this.report();
    return answer;
  }

  /** What happens outside of requests. */
  act(what: string, action: (cluster: Cluster) => void): void {
    this.lines.push(what);
    action(this.cluster);
    this.report();
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private report(): void {
    for (const watch of this.watches) {
      for (const event of watch.watched.events.slice(watch.told))
        this.lines.push(`     ${watch.name}: ${eventText(event)}`);
      watch.told = watch.watched.events.length;
    }
  }
}

const quiet = new Set(['verb', 'resource', 'namespace', 'name', 'subresource', 'object']);

function wordsOf(request: ApiRequest | Omit<WatchRequest, 'verb'>): string {
  const { resource, namespace, name, subresource, object } = request as Partial<Record<string, string>> & {
    readonly object?: NewObject;
  };
  const path = [resource, namespace, name ?? object?.metadata.name, subresource]
    .filter((part) => part !== undefined)
    .join('/');
  const rest = Object.entries(request)
    .filter(([field, value]) => !quiet.has(field) && value !== undefined)
    .map(([field, value]) => `${field}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const version = object?.metadata.resourceVersion;
  return [path, ...(version === undefined ? [] : [`resourceVersion=${version}`]), ...rest].join(' ');
}

const answerText = (answer: ApiAnswer): string =>
  answer.ok
    ? `${answer.code} ${answer.object === undefined ? (answer.status?.status ?? '') : objectText(answer.object)}`
    : statusText(answer.status);

const statusText = ({ code, reason, message }: Status): string => `${code} ${reason ?? ''}: ${message ?? ''}`;

function eventText({ type, object }: WatchEvent): string {
  return `${type} ${object.kind === 'Status' ? statusText(object as Status) : objectText(object as ApiObject)}`;
}

function objectText(object: ApiObject): string {
  const { name, resourceVersion, generation, deletionGracePeriodSeconds, deletionTimestamp, finalizers } =
    object.metadata;
  const { spec, status } = object as ApiObject & {
    readonly spec?: { readonly nodeName?: string; readonly replicas?: number };
    readonly status?: { readonly phase?: string };
  };
  const parts = [
    `${name}@${resourceVersion}`,
    generation === undefined ? '' : `generation=${generation}`,
    spec?.nodeName === undefined ? '' : `node=${spec.nodeName}`,
    spec?.replicas === undefined ? '' : `replicas=${spec.replicas}`,
    status?.phase ?? '',
    deletionTimestamp === undefined ? '' : `deleting(${deletionGracePeriodSeconds ?? '-'})`,
    finalizers === undefined ? '' : `finalizers=${finalizers.join(',')}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
