/** What a recorder writes when much happens (client-go tools/record/events_cache.go, tools/events/event_broadcaster.go). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApiRequest } from '../../../core/api/request.ts';
import { inFull, recall } from '../../../core/client/event-correlator.ts';
import { newRecorder, record, type Recorder } from '../../../core/client/recorder.ts';
import { minute, second } from '../../../core/time/time.ts';

const set = {
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  namespace: 'default',
  name: 'web',
  uid: 'u1',
  resourceVersion: '7',
};

/** Records one message after another and tells what was written, a line each. */
function written(
  api: 'core' | 'events',
  messages: readonly string[],
  every = second,
  regarding: (turn: number) => typeof set = () => set,
): string[] {
  let recorder: Recorder = newRecorder({
    api,
    component: 'replicaset-controller',
    userAgent: 'replicaset-controller',
  });
  const lines: string[] = [];
  messages.forEach((message, i) => {
    const step = record(
      recorder,
      regarding(i),
      { type: 'Warning', reason: 'FailedCreate', message, action: 'Creating' },
      i * every,
    );
    recorder = step.recorder;
    for (const request of step.requests) if (request.do === 'call') lines.push(line(request.request));
  });
  return lines;
}

function line(request: ApiRequest): string {
  if (request.verb === 'create')
    return `create ${(request.object as unknown as { message: string }).message}`;
  if (request.verb !== 'patch') return request.verb;
  const { count, message, series } = request.patch as unknown as {
    count?: number;
    message?: string;
    series?: { count: number };
  };
  return series === undefined ? `patch x${count ?? 0} ${message ?? ''}` : `patch series x${series.count}`;
}

describe('the recorder of controllers and kubelets', () => {
  test('counts an Event that repeats', () => {
    expect(written('core', ['a', 'a', 'b', 'a'])).toEqual([
      'create a',
      'patch x2 a',
      'create b',
      'patch x3 a',
    ]);
  });

  test('combines the tenth of ten different messages, and all after it, into one', () => {
    const many = Array.from({ length: 12 }, (_, i) => `m${i}`);
    expect(written('core', many).slice(8)).toEqual([
      'create m8',
      'create (combined from similar events): m9',
      'patch x2 (combined from similar events): m10',
      'patch x3 (combined from similar events): m11',
    ]);
  });

  test('does not combine what is more than ten minutes apart', () => {
    const many = Array.from({ length: 12 }, (_, i) => `m${i}`);
    expect(written('core', many, 11 * minute)).toEqual(many.map((message) => `create ${message}`));
  });

  test('writes 25 times at once about one object, then once in five minutes', () => {
    expect(written('core', new Array<string>(60).fill('a'))).toHaveLength(25);
    expect(written('core', new Array<string>(26 + 60).fill('a'), 5 * second)).toHaveLength(25 + 1);
  });

  test('warns although it has said all it may', () => {
    const component = 'replicaset-controller';
    let recorder = newRecorder({ api: 'core', component, userAgent: component });
    for (let i = 0; i < 30; i++)
      recorder = record(
        recorder,
        set,
        { type: 'Normal', reason: 'SuccessfulCreate', message: 'a' },
        i,
      ).recorder;
    const warning = { type: 'Warning', reason: 'FailedCreate', message: 'b' } as const;
    expect(record(recorder, set, warning, 30).requests).toHaveLength(1);
  });

  test('knows objects apart', () => {
    const other = { ...set, uid: 'u2' };
    expect(
      written('core', new Array<string>(60).fill('a'), 1, (i) => (i % 2 === 0 ? set : other)),
    ).toHaveLength(50);
  });

  test('forgets objects it has not written about for long, and so stays small', () => {
    let recorder = newRecorder({ api: 'core', component: 'kubelet', userAgent: 'kubelet', host: 'node-1' });
    for (let i = 0; i < 10_000; i++)
      recorder = record(
        recorder,
        { ...set, uid: `u${i}` },
        { type: 'Normal', reason: 'Started', message: 'm' },
        i,
      ).recorder;
    expect(recorder.young.size + recorder.old.size).toBeLessThanOrEqual(4_096);
  });
});

describe('the recorder of the scheduler', () => {
  test('makes a series of an Event that repeats, and writes that once', () => {
    expect(written('events', ['a', 'a', 'a'])).toEqual(['create a', 'patch series x2']);
  });

  test('begins anew when the object has changed, or when the series has ended', () => {
    expect(written('events', ['a', 'a'], second, (i) => ({ ...set, resourceVersion: `${i}` }))).toEqual([
      'create a',
      'create a',
    ]);
    expect(written('events', ['a', 'a'], 7 * minute)).toEqual(['create a', 'create a']);
  });
});

test('two recorders never give one name to two Events of one object and instant', () => {
  const names = ['persistentvolume-controller', 'external-provisioner', 'statefulset-controller'].map(
    (component) => {
      const recorder = newRecorder({ api: 'core', component, userAgent: component });
      const [request] = record(recorder, set, { type: 'Normal', reason: 'r', message: 'm' }, 1).requests;
      return request?.do === 'call' && request.request.verb === 'create'
        ? request.request.object.metadata.name
        : undefined;
    },
  );
  expect(new Set(names).size).toBe(3);
});

/** The recorder with all spelled out that follows from the few Events of the object. */
function spelledOut(recorder: Recorder): Recorder {
  const known = recall(recorder, set.uid);
  return known === undefined ? recorder : { ...recorder, young: recorder.young.set(set.uid, inFull(known)) };
}

test('few Events of an object say all that a full memory of them would', () => {
  const occurrence = fc.record({
    type: fc.constantFrom('Normal' as const, 'Warning' as const),
    reason: fc.constantFrom('A', 'B'),
    message: fc.integer({ min: 0, max: 12 }).map((n) => `m${n}`),
    after: fc.constantFrom(second, 4 * minute, 11 * minute),
    fieldPath: fc.constantFrom(undefined, 'spec.containers{a}'),
  });
  fc.assert(
    fc.property(fc.array(occurrence, { minLength: 5, maxLength: 40 }), (occurrences) => {
      let brief = newRecorder({ api: 'core', component: 'kubelet', userAgent: 'kubelet' });
      let full = brief;
      let now = 0;
      for (const { after, fieldPath, ...told } of occurrences) {
        now += after;
        const [a, b] = [brief, full].map((each) => record(each, { ...set, fieldPath }, told, now));
        expect(a?.requests).toEqual(b?.requests);
        brief = a?.recorder ?? brief;
        full = spelledOut(b?.recorder ?? full);
      }
    }),
  );
});
