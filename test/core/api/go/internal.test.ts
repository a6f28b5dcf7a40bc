/** Values as messages show them: internal structs, what changed in them, and quoted text. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../core/api/generated/types.ts';
import { internal, internalMap } from '../../../../core/api/go/internal.ts';
import { goJson, goQuote } from '../../../../core/api/go/quote.ts';
import { unifiedDiff } from '../../../../core/api/go/unified-diff.ts';

describe('internal forms', () => {
  test.each<[string, object, string]>([
    [
      'Taint',
      { key: 'a', effect: 'NoSchedule' },
      '{"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}',
    ],
    ['LabelSelector', { matchLabels: { b: '1', a: '2' } }, '{"matchLabels":{"a":"2","b":"1"}}'],
    [
      'Probe',
      { httpGet: { port: 'http' } },
      '{"Exec":null,"HTTPGet":{"Path":"","Port":"http","Host":"","Scheme":"","HTTPHeaders":null},"TCPSocket":null,"GRPC":null,"InitialDelaySeconds":0,"TimeoutSeconds":0,"PeriodSeconds":0,"SuccessThreshold":0,"FailureThreshold":0,"TerminationGracePeriodSeconds":null}',
    ],
    [
      'ResourceRequirements',
      { limits: { cpu: '0.5' } },
      '{"Limits":{"cpu":"500m"},"Requests":null,"Claims":null}',
    ],
    [
      'OwnerReference',
      { kind: 'Pod', apiVersion: 'v1', name: '', uid: '1' },
      '{"apiVersion":"v1","kind":"Pod","name":"","uid":"1"}',
    ],
  ])('%s', (struct, value, text) => {
    expect(JSON.stringify(internal(struct, value))).toBe(text);
  });

  test('what a Pod says of its host is in its security context', () => {
    const spec = internal('PodSpec', { containers: [], hostNetwork: true }) as Record<string, Json>;
    expect(spec).not.toHaveProperty('HostNetwork');
    expect(spec['SecurityContext']).toMatchObject({ HostNetwork: true, HostPID: false, HostUsers: null });
  });

  test('what is not there is null', () => {
    expect([internal('Taint', undefined), internalMap(undefined)]).toEqual([null, null]);
  });
});

describe('a unified diff', () => {
  test('has three lines before and after what changed', () => {
    const lines = (changed: string): Json => ['a', 'b', 'c', 'd', changed, 'f', 'g', 'h', 'i'];
    expect(unifiedDiff(lines('e'), lines('E'))).toBe(
      '@@ -3,7 +3,7 @@\n  "b",\n  "c",\n  "d",\n- "e",\n+ "E",\n  "f",\n  "g",\n  "h",\n',
    );
  });

  test('tells changes that lie far apart one by one', () => {
    const lines = (first: number, last: number): Json => [first, 1, 2, 3, 4, 5, 6, 7, 8, last];
    expect(unifiedDiff(lines(0, 9), lines(10, 19)).match(/^@@.*@@$/gm)).toEqual([
      '@@ -1,5 +1,5 @@',
      '@@ -8,5 +8,5 @@',
    ]);
  });

  const values = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });
  property.prop([values, values])('leads from one value to the other', (before, after) => {
    expect(applied(JSON.stringify(before, null, 1), unifiedDiff(before, after))).toBe(
      JSON.stringify(after, null, 1),
    );
  });

  property.prop([values])('of equal values is empty', (value) => {
    expect(unifiedDiff(value, [...value])).toBe('');
  });
});

/** The text with a diff applied, which must fit it exactly. */
function applied(text: string, diff: string): string {
  const old = text.split('\n');
  const lines: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(0, -1)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))?/.exec(line);
    const rest = line.slice(1);
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      lines.push(...old.slice(at, start));
      at = start;
    } else if (line.startsWith('+')) lines.push(rest);
    else {
      expect(old[at]).toBe(rest);
      if (line.startsWith(' ')) lines.push(rest);
      at += 1;
    }
  }
  return [...lines, ...old.slice(at)].join('\n');
}

test('text is quoted as Go quotes it', () => {
  expect(goQuote('a"b\\c\n\u0001é日\u00ad\u{1F600}')).toBe(String.raw`"a\"b\\c\n\x01é日\u00ad😀"`);
  expect(goJson({ a: '<&>' })).toBe(String.raw`{"a":"\u003c\u0026\u003e"}`);
});
