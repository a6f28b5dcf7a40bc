/**
 * semantics.json: requests to a whole cluster's kube-apiserver 1.34.1, one after another, each answer compared in full.
 * That cluster's controllers wrote too, and the client did things between that are not in the file: what the answers tell
 * of that is done here (`semantics-setting.ts`, `catchUp`). Left out of the comparison (`semantics-left-out.ts`): what
 * controllers keep (status and revision annotation of workloads), managedFields where the recording left them out, the
 * projected volume of the service account's token, the descriptions of a Table's columns, and the Go diff behind a message.
 */
import * as z from 'zod';
import { itemsOf } from '../../../core/api/list-items.ts';
import { resourceNamed, type ResourceInfo } from '../../../core/api/kinds.ts';
import type { Json } from '../../../core/api/generated/types.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest, Status, WatchEvent } from '../../../core/api/request.ts';
import { tableOf } from '../../../core/api/printers/table.ts';
import { second, type VirtualTime } from '../../../core/time/time.ts';
import type { CaseResult } from '../run.ts';
import { listKind, shownAs, understood } from './http.ts';
import { Likeness } from './likeness.ts';
import { plain, withoutAges, withoutItsToken, withoutOthers, type TableBody } from './semantics-left-out.ts';
import { beforehand, meanwhile, prepared } from './semantics-setting.ts';
import type { Watched } from './session.ts';

const entry = z.looseObject({
  what: z.string(),
  method: z.string().optional(),
  path: z.string().optional(),
  body: z.unknown().optional(),
  contentType: z.string().optional(),
  accept: z.string().optional(),
  status: z.number().optional(),
  warning: z.string().optional(),
  resp: z.unknown().optional(),
  events: z.array(z.unknown()).optional(),
  ended_ms: z.number().optional(),
});

export const semanticsFile = z.array(entry);
type Entry = z.output<typeof entry>;

export function* runSemantics(entries: readonly Entry[]): Iterable<CaseResult> {
  const replay = new SemanticsReplay();
  for (const one of entries) {
    const difference = replay.differenceIn(one);
    yield difference === undefined
      ? { name: one.what, passed: true }
      : { name: one.what, passed: false, difference };
  }
}

const userAgent = 'golden-runner/v0.0.0';

class SemanticsReplay {
  private readonly session = prepared();
  private readonly likeness = new Likeness();
  private last: ApiObject | undefined;
  /** The continue token of the last page. */
  private token: string | undefined;

  differenceIn(one: Entry): string | undefined {
    for (const request of beforehand[one.what] ?? []) this.must(request);
    if (one.method === undefined || one.path === undefined) return this.managersIn(one);
    this.catchUp(one.path, one.body);
    const body = this.likeness.own(withoutItsToken(one.body));
    const path = this.ownPath(one.path);
    const { contentType, accept } = one;
    const http = { method: one.method, path, contentType, accept, body };
    const asked = understood(http);
    if ('page' in asked) return this.likeness.difference([404, one.resp], [one.status, asked.page]);
    if ('refusal' in asked) return this.compareStatus(one, asked.refusal);
    if (asked.request.verb === 'watch') return this.compareWatch(one, this.session.watch(asked.request));
    const answer = this.session.call(asked.request, userAgent);
    if (!answer.ok) return this.compareStatus(one, answer.status);
    if (answer.object !== undefined) this.last = answer.object;
    return (
      this.likeness.difference(one.status, answer.code, 'code') ??
      this.likeness.difference(one.warning, warningText(answer), 'warning') ??
      this.compareBody(one, this.shown(asked.request, answer, shownAs(http)))
    );
  }

  private must(request: ApiRequest): void {
    const answer = this.session.call(request);
    if (!answer.ok) throw new Error(`${JSON.stringify(request)}: ${answer.status.message ?? ''}`);
  }

  /** A body that was read when controllers had written since: the object gets that status. */
  private catchUp(path: string, body: unknown): void {
    const { metadata, status } = (body ?? {}) as Partial<ApiObject> & { readonly status?: Json };
    const revision = metadata?.resourceVersion;
    if (revision === undefined || status === undefined || this.likeness.knowsRevision(revision)) return;
    const asked = understood({ method: 'GET', path });
    if (!('request' in asked) || asked.request.verb !== 'get') return;
    const target = {
      ...asked.request,
      subresource: 'status',
      patchType: 'merge',
      patch: { status },
    } as const;
    const answer = this.session.call({ ...target, verb: 'patch' });
    if (answer.ok && answer.object !== undefined)
      this.likeness.bind(revision, answer.object.metadata.resourceVersion);
  }

  /** The path with this server's revisions, tokens and names. */
  private ownPath(path: string): string {
    const url = new URL(this.likeness.ownText(path), 'https://apiserver');
    const revision = url.searchParams.get('resourceVersion');
    if (revision !== null) url.searchParams.set('resourceVersion', this.likeness.ownRevision(revision));
    const token = url.searchParams.get('continue');
    if (token !== null && this.token !== undefined && token !== 'xxx')
      url.searchParams.set('continue', this.token);
    return `${url.pathname}${url.search}`;
  }

  private shown(
    request: ApiRequest,
    answer: Extract<ApiAnswer, { ok: true }>,
    as: string | undefined,
  ): unknown {
    const { object, list, status } = answer;
    if (list === undefined) return object ?? status;
    const items = itemsOf(list);
    const { page } = list;
    this.token = page?.continue;
    const metadata = {
      resourceVersion: list.resourceVersion,
      continue: page?.continue,
      remainingItemCount: page?.remaining,
    };
    const info = resourceNamed(request.resource);
    if (info === undefined) throw new Error(`no resource ${request.resource}`);
    if (as === 'PartialObjectMetadataList')
      return {
        kind: as,
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: items.map((item) => ({
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: item.metadata,
        })),
      };
    if (as === 'Table') return tableBody(info, metadata, items, this.session.now);
    if (request.verb === 'list') return { metadata, names: items.map((item) => item.metadata.name) };
    const bare = items.map(({ metadata: itsMetadata }) => ({ metadata: itsMetadata }));
    return { ...listKind(info), metadata, items: bare };
  }

  private compareBody(one: Entry, got: unknown): string | undefined {
    const want = one.resp as Readonly<Record<string, unknown>>;
    const own = plain(got) as Readonly<Record<string, unknown>>;
    // Of a Status that tells of success, the code is the HTTP status alone.
    const { code: _, ...status } = own;
    const shown = own['kind'] === 'Status' && !('code' in want) ? status : own;
    const parts =
      one.path?.endsWith('/status') === true && one.method === 'GET' ? Object.keys(want) : undefined;
    const chosen =
      parts === undefined ? shown : Object.fromEntries(parts.map((field) => [field, shown[field]]));
    if (want['kind'] === 'Table' && own['kind'] === 'Table')
      return this.likeness.difference(
        withoutAges(want as unknown as TableBody),
        withoutAges(own as unknown as TableBody),
      );
    return this.likeness.difference(withoutOthers(want), withoutOthers(chosen));
  }

  private compareStatus(one: Entry, status: Status): string | undefined {
    return (
      this.likeness.difference(one.status, status.code, 'code') ??
      this.likeness.difference(plain(one.resp), plain(status))
    );
  }

  private compareWatch(one: Entry, watched: Watched): string | undefined {
    for (const request of meanwhile[one.what] ?? []) this.must(request);
    const seconds = Number(
      new URL(one.path ?? '', 'https://apiserver').searchParams.get('timeoutSeconds') ?? 0,
    );
    if (seconds > 0) {
      this.session.pass(seconds * second);
      if (!watched.closed) return 'the watch is still open';
    }
    if (watched.refused !== undefined) {
      const [text] = one.events ?? [];
      return this.compareStatus({ ...one, resp: JSON.parse(String(text)) as unknown }, watched.refused);
    }
    return this.likeness.difference(one.events, watched.events.map(eventWords), 'events');
  }

  /** What managedFields the recording shows of the object that was written last, those of the cluster's controllers aside. */
  private managersIn(one: Entry): string | undefined {
    const want = (one.resp as readonly { readonly manager: string }[]).filter(
      ({ manager }) => manager !== 'kube-controller-manager',
    );
    return this.likeness.difference(want, plain(this.last?.metadata.managedFields));
  }
}

/** A Table as it is sent: rows have the metadata of their objects. */
function tableBody(
  info: ResourceInfo,
  metadata: object,
  items: readonly ApiObject[],
  now: VirtualTime,
): unknown {
  const { columns, rows } = tableOf(info, items, now);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns,
    rows: rows.map(({ object, ...row }) => ({
      ...row,
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

const warningText = ({ warnings }: Extract<ApiAnswer, { ok: true }>): string | undefined =>
  warnings === undefined ? undefined : warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');

function eventWords({ type, object }: WatchEvent): unknown {
  const { kind, metadata } = object as ApiObject;
  const { name, labels, annotations, resourceVersion } = metadata;
  return plain({
    type,
    kind,
    name: name === '' ? undefined : name,
    rv: resourceVersion,
    labels,
    annotations,
  });
}
