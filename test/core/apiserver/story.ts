/** A transcript of requests and what they led to: answers, and what watchers were told, in words a person can read. */
import { itemsOf } from '../../../core/api/list-items.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type {
  ApiAnswer,
  ApiRequest,
  ListAnswer,
  NewObject,
  Status,
  WatchEvent,
  WatchRequest,
} from '../../../core/api/request.ts';
import type { ApiserverOptions } from '../../../core/apiserver/apiserver.ts';
import { Cluster, type Watched } from './cluster.ts';

export class Story {
  readonly cluster: Cluster;
  private readonly lines: string[] = [];
  private readonly watches: {
    readonly name: string;
    readonly watched: Watched;
    told: number;
    isOver: boolean;
  }[] = [];

  constructor(servers = 1, options: Partial<ApiserverOptions> = {}) {
    this.cluster = new Cluster(servers, options);
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
    this.watches.push({ name, watched: this.cluster.watch(request, server), told: 0, isOver: false });
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
      if (watch.watched.closed && !watch.isOver) {
        this.lines.push(`     ${watch.name}: closed`);
        watch.isOver = true;
      }
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
    .map(([field, value]) => `${field}=${field === 'continue' ? tokenText(String(value)) : textOf(value)}`);
  const version = object?.metadata.resourceVersion;
  return [path, ...(version === undefined ? [] : [`resourceVersion=${version}`]), ...rest].join(' ');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a token says, where it is one: `{"`, in base64. */
const tokenText = (token: string): string =>
  token.startsWith('ey') ? atob(token.replaceAll('-', '+').replaceAll('_', '/')) : token;

function answerText(answer: ApiAnswer): string {
  if (!answer.ok) return statusText(answer.status);
  const { code, object, status, list } = answer;
  if (list !== undefined) return `${code} ${listText(list)}`;
  return `${code} ${object === undefined ? (status?.status ?? '') : objectText(object)}`;
}

/** What is in a list, at which revision, and whether there is more of it. */
function listText(list: ListAnswer): string {
  const items = itemsOf(list).map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
  const { continue: token = '', remaining } = list.page ?? {};
  const left = remaining === undefined ? '' : ` ${remaining} remaining`;
  const more = token === '' ? '' : ` continue${left}`;
  return `list@${list.resourceVersion} [${items.join(' ')}]${more}`;
}

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
