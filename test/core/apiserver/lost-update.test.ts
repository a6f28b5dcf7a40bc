/**
 * Aim: a write is never lost. Method: clients add one to a counter through two apiservers whose caches lag as they like, each
 * with what a client may do: read, then update with the resourceVersion it read, again on a conflict; or a patch, which
 * the server itself tries again. Whatever the order, the counter has every addition that was answered with success.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest, PatchRequest } from '../../../core/api/request.ts';
import { Cluster } from './cluster.ts';
import { configMap } from './objects.ts';

const target = { resource: 'configmaps', namespace: 'default', name: 'counter' } as const;
type Counter = ApiObject & { readonly data: Readonly<Record<string, string>> };

/** What one client does in its turn. */
type Step =
  | { readonly do: 'read'; readonly client: number; readonly old: boolean }
  | { readonly do: 'update'; readonly client: number }
  | { readonly do: 'patch'; readonly client: number; readonly type: PatchRequest['patchType'] }
  | { readonly do: 'hold' | 'release'; readonly server: number };

const client = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), client, old: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('update' as const), client }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('patch' as const),
      client,
      type: fc.constantFrom('merge' as const, 'strategic' as const, 'apply' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('hold' as const, 'release' as const),
      server: fc.integer({ min: 0, max: 1 }),
    }),
  },
);

/** A client adds to the total by updates, and to an entry of its own by patches, at the same object. */
class Clients {
  readonly cluster = new Cluster(2);
  private readonly read = new Map<number, Counter>();
  total = 0;
  readonly own = new Map<string, number>();
  conflicts = 0;

  constructor() {
    this.cluster.call({ verb: 'create', ...target, object: configMap('counter', { total: '0' }) });
  }

  /** Requests of one instant are all under way before the first is answered; a client waits for its own. */
  together(steps: readonly Step[]): void {
    const answers: (() => void)[] = [];
    const waiting = new Set<number>();
    this.cluster.atOnce(() => {
      for (const one of steps) {
        if ('client' in one) {
          if (!waiting.has(one.client)) answers.push(this.ask(one));
          waiting.add(one.client);
        } else if (one.do === 'hold') this.cluster.hold(one.server);
        else this.cluster.release(one.server);
      }
    });
    for (const answer of answers) answer();
  }

  private ask(one: Extract<Step, { readonly client: number }>): () => void {
    switch (one.do) {
      case 'read': {
        const request: ApiRequest = { verb: 'get', ...target, resourceVersion: one.old ? '0' : undefined };
        return this.begin(one.client, request, ({ object }) => {
          this.read.set(one.client, object as Counter);
        });
      }
      case 'update': {
        const known = this.read.get(one.client);
        if (known === undefined) return () => undefined;
        const data = { ...known.data, total: `${Number(known.data['total']) + 1}` };
        return this.begin(
          one.client,
          { verb: 'update', ...target, object: { ...known, data } as ApiObject },
          ({ object }) => {
            this.total++;
            this.read.set(one.client, object as Counter);
          },
        );
      }
      case 'patch': {
        const field = `client-${one.client}`;
        const next = (this.own.get(field) ?? 0) + 1;
        this.own.set(field, next);
        const patch = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'counter' },
          data: { [field]: `${next}` },
        };
        const options = one.type === 'apply' ? { fieldManager: field, force: true } : {};
        return this.begin(
          one.client,
          { verb: 'patch', ...target, patchType: one.type, patch, ...options },
          () => undefined,
        );
      }
    }
  }

  private begin(
    client: number,
    request: ApiRequest,
    then: (answer: Extract<ApiAnswer, { ok: true }>) => void,
  ): () => void {
    const call = this.cluster.begin(request, client % 2);
    return () => {
      const answer = this.cluster.answerTo(call);
      if (answer?.ok === true) then(answer);
      else if (request.verb === 'update' && answer?.code === 409) this.conflicts++;
      else throw new Error(JSON.stringify(answer));
    };
  }
}

test('what was answered with success is there, whoever wrote meanwhile', () => {
  let conflicts = 0;
  fc.assert(
    fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 12 }), (turns) => {
      const clients = new Clients();
      for (const turn of turns) clients.together(turn);
      conflicts += clients.conflicts;
      for (const server of [0, 1]) clients.cluster.release(server);
      const { data } = clients.cluster.object<Counter>({ verb: 'get', ...target });
      expect(data['total']).toBe(`${clients.total}`);
      for (const [field, written] of clients.own) expect(data[field]).toBe(`${written}`);
    }),
    { numRuns: 60 },
  );
  expect(conflicts).toBeGreaterThan(0);
});
