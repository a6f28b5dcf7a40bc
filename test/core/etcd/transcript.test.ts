/**
 * Aim: the journey of a key through etcd, to be read. Method: the commands of test/transcripts/etcd/*.txt are carried out
 * again and the file is compared with itself; `vitest -u` rewrites it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type {
  EtcdEvent,
  EtcdServerEvent,
  EtcdServerRequest,
  KeyValue,
  KvRequest,
  PutRequest,
} from '../../../core/etcd/message.ts';
import { etcdReducer, newEtcd, type EtcdServerState } from '../../../core/etcd/server.ts';
import { second } from '../../../core/time/time.ts';
import { texts } from './text-store.ts';

const folder = new URL('../../transcripts/etcd/', import.meta.url);

test.each(readdirSync(folder))('%s', async (file) => {
  const path = new URL(file, folder);
  await expect(replay(readFileSync(path, 'utf8'))).toMatchFileSnapshot(path.pathname);
});

/** Blocks are separated by blank lines: `#` lines say why, commands stand above `----`, what happened below it. */
function replay(transcript: string): string {
  const server = new Server();
  const blocks = transcript
    .trimEnd()
    .split('\n\n')
    .map((block) => {
      const [said = ''] = block.split('\n----');
      if (said.split('\n').every((line) => line.startsWith('#'))) return said;
      const commands = said.split('\n').filter((line) => !line.startsWith('#'));
      return [said, '----', ...commands.flatMap((command) => server.carryOut(command))].join('\n');
    });
  return `${blocks.join('\n\n')}\n`;
}

class Server {
  private state: EtcdServerState<string> = newEtcd();
  private now = 0;
  private timers: readonly { readonly at: number; readonly event: EtcdServerEvent<string> }[] = [];

  carryOut(command: string): readonly string[] {
    const [verb = '', ...words] = command.split(' ');
    if (verb === 'advance') return this.advance(Number(words[0]) * second);
    return this.send(eventOf(verb, wordsOf(words)));
  }

  private advance(duration: number): readonly string[] {
    const end = this.now + duration;
    const lines: string[] = [];
    for (let due = this.due(end); due !== undefined; due = this.due(end)) {
      this.timers = this.timers.filter((timer) => timer !== due);
      this.now = due.at;
      lines.push(...this.send(due.event));
    }
    this.now = end;
    return lines;
  }

  private due(end: number) {
    return this.timers.find((timer) => timer.at <= end);
  }

  private send(event: EtcdServerEvent<string>): readonly string[] {
    const { state, requests } = reduce(this.state, event, this.now);
    this.state = state;
    for (const request of requests)
      if (request.do === 'timer')
        this.timers = [
          ...this.timers,
          { at: this.now + request.after, event: { type: 'timer', timer: request.timer } },
        ];
    return requests.flatMap((request) => told(request)).map((line) => `${this.now / second}s ${line}`);
  }
}

const reduce = etcdReducer<string>(texts);

/** A command's words, and its options written `name=number`. */
interface Words {
  readonly plain: readonly string[];
  option(name: string): number;
}

const wordsOf = (words: readonly string[]): Words => ({
  plain: words.filter((word) => !word.includes('=')),
  option: (name) => Number(words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? 0),
});

function eventOf(verb: string, words: Words): EtcdServerEvent<string> {
  const [first = '', rangeEnd] = words.plain;
  const kv = (request: KvRequest<string>): EtcdServerEvent<string> => ({ type: 'kv', call: 0, request });
  const ifMod = (operand: number): KvRequest<string> => ({
    type: 'txn',
    compare: [{ key: first, target: 'MOD', result: 'EQUAL', operand }],
    success: [putOf(words)],
    failure: [{ type: 'range', key: first }],
  });
  switch (verb) {
    case 'put':
      return kv(putOf(words));
    case 'delete':
      return kv({ type: 'deleteRange', key: first, rangeEnd });
    case 'get':
      return kv({ type: 'range', key: first, rangeEnd, revision: words.option('at') });
    case 'create':
      return kv(ifMod(0));
    case 'update':
      return kv(ifMod(words.option('if-mod')));
    case 'compact':
      return kv({ type: 'compact', revision: Number(first) });
    case 'grant':
      return {
        type: 'lease',
        call: 0,
        request: { type: 'leaseGrant', id: Number(first), ttlSeconds: words.option('ttl') },
      };
    case 'watch':
      return {
        type: 'watch',
        stream: 1,
        create: { key: first, rangeEnd, startRevision: words.option('from'), prevKv: true },
      };
    case 'progress':
      return { type: 'progress', stream: 1 };
    case 'cancel':
      return { type: 'cancelWatch', stream: 1, watchId: Number(first) };
    default:
      throw new Error(`unknown command ${verb}`);
  }
}

const putOf = ({ plain: [key = '', value], option }: Words): PutRequest<string> => ({
  type: 'put',
  key,
  value,
  lease: option('lease'),
});

function told(request: EtcdServerRequest<string>): readonly string[] {
  switch (request.do) {
    case 'committed':
      return [
        `etcd    rev=${request.revision} ${request.events.map((event) => `${event.type} ${event.key}`).join(', ')}`,
      ];
    case 'answer':
    case 'answerLease':
      return [`answer  ${answerOf(request.response)}`];
    case 'deliver': {
      const { revision, watchId, events, created, canceled, compactRevision } = request.response;
      const what =
        created === true
          ? 'created'
          : canceled === true
            ? `canceled${compactRevision === undefined ? '' : `, compacted at ${compactRevision}`}`
            : events.length === 0
              ? 'nothing is missing'
              : events.map(eventText).join(', ');
      return [`watch ${watchId} rev=${revision} ${what}`];
    }
    case 'timer':
      return [];
  }
}

type Answer = Extract<EtcdServerRequest<string>, { do: 'answer' | 'answerLease' }>['response'];

function answerOf(response: Answer): string {
  switch (response.type) {
    case 'error':
      return response.error.message;
    case 'range':
      return `rev=${response.revision} ${response.kvs.map(kvText).join(', ') || 'no key'}`;
    case 'txn':
      return `rev=${response.revision} ${response.succeeded ? 'succeeded' : `refused: ${response.responses.map(answerOf).join(', ')}`}`;
    case 'deleteRange':
      return `rev=${response.revision} deleted ${response.deleted}`;
    case 'leaseLeases':
      return `rev=${response.revision} leases ${response.leases.join(', ')}`;
    case 'leaseTimeToLive':
      return `rev=${response.revision} ${response.ttlSeconds} s left`;
    case 'put':
    case 'compact':
    case 'leaseGrant':
    case 'leaseRevoke':
    case 'leaseKeepAlive':
      return `rev=${response.revision} ok`;
  }
}

const kvText = (kv: KeyValue<string>): string =>
  `${kv.key}=${kv.value} (create ${kv.createRevision}, mod ${kv.modRevision}, version ${kv.version})`;

const eventText = (event: EtcdEvent<string>): string =>
  `${event.type} ${event.key}${event.kv === undefined ? '' : `=${event.kv.value}`}@${event.modRevision}` +
  (event.prevKv === undefined ? '' : ` (was ${event.prevKv.value})`);
