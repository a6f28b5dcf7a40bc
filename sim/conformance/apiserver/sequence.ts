/**
 * The families api-*: sequences of requests that were sent to a real kube-apiserver 1.34.1, against core/apiserver over
 * core/etcd. Each answer is compared, the store's revision after each write, and every event of every watch. Objects are
 * reduced to what the recording kept of them (README of the cases, `sequence-words.ts`). Left out: the lines of a Go diff that follow the first
 * line of a message.
 */
import type { ApiObject } from '../../../core/api/object.ts';
import { millisecond } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { CaseResult } from '../run.ts';
import type { RecordedOperation, RecordedSequence } from './sequence-file.ts';
import { requestOf, watchRequestOf, type Own } from './sequence-request.ts';
import { answerWords, eventWords, statusWords, withFirstLines, type Answer } from './sequence-words.ts';
import { Session, type Watched } from './session.ts';
import { Symbols } from './symbols.ts';

export function runSequence(sequence: RecordedSequence): CaseResult {
  const name = sequence.seed ?? sequence.name;
  const difference = new Replay().differenceIn(sequence);
  return difference === undefined ? { name, passed: true } : { name, passed: false, difference };
}

const namespaces = ['s-a', 's-b'] as const;

/** A session in which the namespaces of the recording are. Its caches began before the revision `@0`, as the real ones. */
function prepared(): Session {
  // What the README says was off.
  const session = new Session({
    disabledAdmission: ['ServiceAccount', 'Priority', 'DefaultTolerationSeconds'],
  });
  for (const name of namespaces) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    session.call({ verb: 'create', resource: 'namespaces', object });
  }
  session.restart();
  const last = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'before' } };
  session.call({ verb: 'create', resource: 'configmaps', namespace: 'default', object: last });
  return session;
}

class Replay {
  private readonly session = prepared();
  private readonly symbols = new Symbols(this.session.revision);
  private readonly watches: Watched[] = [];
  private readonly heard: Answer[][] = [];

  differenceIn(sequence: RecordedSequence): string | undefined {
    for (const [index, { op, want }] of sequence.steps.entries()) {
      const difference = firstDifference(withFirstLines(want), this.perform(op));
      // What a watch hears is told in words when it is heard: uids are counted in that order.
      this.listen();
      if (difference !== undefined)
        return `step ${index}: ${difference}\nop ${JSON.stringify(op)}\nwant ${JSON.stringify(want)}`;
    }
    for (const [index, watch] of (sequence.watches ?? []).entries()) {
      const difference =
        firstDifference(watch.want_events, this.heard[index] ?? [], 'events') ??
        firstDifference(watch.closed_by_server ?? false, this.watches[index]?.closed, 'closed');
      if (difference !== undefined) return `watch ${watch.id}: ${difference}`;
    }
    return undefined;
  }

  private listen(): void {
    for (const [index, watch] of this.watches.entries()) {
      const heard = (this.heard[index] ??= []);
      for (const event of watch.events.slice(heard.length))
        heard.push(eventWords(this.symbols, event, this.session.revision));
    }
  }

  private perform(op: RecordedOperation): Answer {
    switch (op.verb) {
      case 'restart':
        return this.restart();
      case 'compact':
        return this.compact(op);
      case 'watch':
        return this.watch(op);
      default: {
        const request = requestOf(this.own, op);
        const before = this.session.revision;
        const answer = this.session.call(request);
        this.symbols.written(this.session.revision);
        const words = answerWords(this.symbols, answer, before);
        const writes = op.verb !== 'get' && op.verb !== 'list';
        return writes ? { ...words, rv_after: this.symbols.revisionWord(this.session.revision) } : words;
      }
    }
  }

  /** A server that begins again writes its own lease first. */
  private restart(): Answer {
    this.session.writeEtcd({
      type: 'put',
      key: '/registry/masterleases/10.0.0.1',
      value: ownRecord('10.0.0.1'),
    });
    this.symbols.passed(this.session.revision);
    this.session.restart();
    return {};
  }

  /** As the apiserver's own compactor does it: the revision is told under a key, which costs one revision. */
  private compact(op: Extract<RecordedOperation, { verb: 'compact' }>): Answer {
    const revision = Number(this.symbols.revisionText(op.revision, this.session.revision));
    this.session.writeEtcd({ type: 'put', key: 'compact_rev_key', value: ownRecord(`${revision}`) });
    this.symbols.written(this.session.revision);
    this.session.writeEtcd({ type: 'compact', revision });
    this.session.pass((op.wait ?? 0) * millisecond);
    return { rv_after: this.symbols.revisionWord(this.session.revision) };
  }

  private watch(op: Extract<RecordedOperation, { verb: 'list' | 'watch' }>): Answer {
    const watched = this.session.watch(watchRequestOf(this.own, op));
    this.watches.push(watched);
    // A revision of the future is waited for before the watch is answered.
    this.session.pass(3_001 * millisecond);
    const name = { watch: `w${this.watches.length}` };
    return watched.refused === undefined
      ? { code: 200, ...name }
      : { ...statusWords(this.symbols, watched.refused, this.session.revision), ...name };
  }

  private get own(): Own {
    return { symbols: this.symbols, revision: this.session.revision };
  }
}

/** What an apiserver writes for itself: nobody reads it here. */
const ownRecord = (name: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Record',
  metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '' },
});
