/** The sequence diagram of `npm start`: a transcript of it, its width, and what it says where there is little to say. */
import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import { flow } from '../../reports/flow.ts';
import { memorySource } from '../../reports/trace/source.ts';
import { TraceByHand } from './by-hand.ts';
import { podCreation } from './pod-creation.ts';

const source = memorySource('run.trace', podCreation().text);

test("the first Pod's creation, from kubectl to the proxy", async () => {
  const text = flow(source);
  await expect(text).toMatchFileSnapshot('transcripts/flow.txt');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('colours change nothing but the colours', () => {
  const coloured = flow(source, { colours: new Chalk({ level: 1 }) });
  expect(coloured.split(/\x1b\[\d+m/).join(''));
  expect(coloured).not.toBe(flow(source));
});

test('a Pod may be named; one that never was is said', () => {
  expect(flow(source, { pod: 'default/web-5d4f8-x7k2p' })).toBe(flow(source));
  expect(flow(source, { pod: 'nobody' })).toBe('No Pod nobody was ever created in this run.\n');
  expect(flow(memorySource('t', new TraceByHand().text))).toBe('No Pod was created in this run.\n');
});

test('json has the rows and where connections lead', () => {
  const { pod, rows, destinations } = JSON.parse(flow(source, { format: 'json' })) as {
    pod: string;
    rows: { type: string }[];
    destinations: unknown;
  };
  expect(pod).toBe('default/web-5d4f8-x7k2p');
  expect(new Set(rows.map((row) => row.type))).toEqual(new Set(['chapter', 'message', 'note', 'score']));
  expect(destinations).toMatchObject([
    {
      service: 'default/web',
      clusterIP: '10.96.0.10',
      port: 80,
      routes: [
        {
          verdict: 'DNAT',
          endpoint: { ip: '10.244.1.5', port: 8080, pod: 'default/web-5d4f8-x7k2p', node: 'node-1' },
        },
      ],
    },
  ]);
});

test('the diagram ends where somebody asks for the deletion', () => {
  const t = podCreation();
  const deletion = {
    from: 5,
    userAgent: 'kubectl',
    verb: 'delete',
    resource: 'pods',
    key: 'default/web-5d4f8-x7k2p',
    registryKey: 'pods/default/web-5d4f8-x7k2p',
  };
  t.write({ cause: 0, ...deletion });
  const withoutDestination = (text: string): string => text.slice(0, text.indexOf('kube-proxy:'));
  expect(withoutDestination(flow(memorySource('run.trace', t.text)))).toBe(withoutDestination(flow(source)));
});
