/**
 * Writes small traces by hand, hop by hop, as a run would have written them: the reports are tested on what the format
 * says, not on what the rest of wavetank happens to do today.
 */
import type { ProcessKind } from '../../sim/process/program.ts';

export interface Written {
  /** The request's arrival at the apiserver. */
  readonly request: number;
  /** The event at etcd that wrote. */
  readonly commit: number;
  /** The answer's arrival at the client. */
  readonly answer: number;
  /** The commit's arrival at the apiserver's watch cache. */
  readonly cached: number;
}

interface Write {
  readonly cause: number;
  readonly from: number;
  readonly userAgent: string;
  readonly verb: string;
  readonly resource: string;
  readonly key: string;
  readonly subresource?: string;
  /** Under /registry/. */
  readonly registryKey: string;
  readonly put?: unknown;
  readonly patch?: unknown;
}

export class TraceByHand {
  readonly lines: string[] = [
    JSON.stringify({ wavetank: 1, scenario: 'by hand', seed: '42', epoch: '2025-01-01T00:00:00Z' }),
  ];
  events = 0;
  at = 0;
  revision = 0;
  private readonly ids = new Map<string, number>();

  process(name: string, kind: ProcessKind): number {
    const id = this.ids.size;
    this.ids.set(name, id);
    this.lines.push(JSON.stringify({ process: id, name, kind }));
    return id;
  }

  /** One event; time has gone on by `after` microseconds before it. */
  event(
    after: number,
    cause: number,
    process: number,
    kind: string,
    ...fields: (string | number | boolean)[]
  ): number {
    this.at += after;
    this.lines.push(JSON.stringify([this.at, cause, process, kind, ...fields]));
    return ++this.events;
  }

  record(record: unknown): void {
    this.lines.push(JSON.stringify(record));
  }

  /** A request, its transaction, its answer, and the commit's way into the watch cache. */
  write(write: Write, etcd = 0, apiserver = 1): Written {
    const { cause, from, userAgent, verb, resource, key, subresource = '' } = write;
    const registryKey = `/registry/${write.registryKey}`;
    const operation = write.put === undefined && write.patch === undefined ? 'txn deleteRange' : 'txn put';
    const request = this.event(
      1_000,
      cause,
      apiserver,
      'request',
      from,
      userAgent,
      verb,
      resource,
      key,
      subresource,
    );
    const commit = this.event(500, request, etcd, 'etcd', apiserver, operation, registryKey);
    const rev = ++this.revision;
    if (write.put !== undefined) this.record({ rev, key: registryKey, put: write.put });
    else if (write.patch !== undefined) this.record({ rev, key: registryKey, patch: write.patch });
    else this.record({ rev, key: registryKey, delete: true });
    const answered = this.event(900, commit, apiserver, 'etcdAnswer', operation, registryKey, rev, true);
    const cached = this.event(
      100,
      commit,
      apiserver,
      'etcdWatch',
      write.patch === undefined && write.put === undefined ? 'DELETE' : 'PUT',
      registryKey,
      rev,
    );
    const answer = this.event(
      500,
      answered,
      from,
      'answer',
      verb,
      resource,
      key,
      subresource,
      verb === 'create' ? 201 : 200,
      '',
    );
    return { request, commit, answer, cached };
  }

  /** A watch event's arrival at a client. */
  heard(written: Written, client: number, stream: string, type: string, key: string): number {
    return this.event(400, written.cached, client, 'watch', stream, type, key, `${this.revision}`);
  }

  get text(): string {
    return this.lines.join('\n') + '\n';
  }
}
