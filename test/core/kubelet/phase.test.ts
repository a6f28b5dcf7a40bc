/** The phase of a Pod for every shape of container states that decides differently. Method: a table. */
import { expect, test } from 'vitest';
import type { ContainerStatus, PodSpec } from '../../../core/api/generated/types.ts';
import { phaseOf, type Phase } from '../../../core/kubelet/phase.ts';

type State = 'running' | 'waiting' | 'exit0' | 'exit1' | 'backoff' | 'missing';

function statusOf(name: string, state: State, started = true): ContainerStatus[] {
  const base = { name, image: '', imageID: '', ready: false, restartCount: 0, started };
  const ended = { exitCode: state === 'exit0' ? 0 : 1 };
  switch (state) {
    case 'missing':
      return [];
    case 'running':
      return [{ ...base, state: { running: {} } }];
    case 'waiting':
      return [{ ...base, state: { waiting: {} } }];
    case 'backoff':
      return [{ ...base, state: { waiting: {} }, lastState: { terminated: ended } }];
    case 'exit0':
    case 'exit1':
      return [{ ...base, state: { terminated: ended } }];
  }
}

interface Row {
  readonly why: string;
  readonly policy?: PodSpec['restartPolicy'];
  readonly init?: State;
  readonly sidecar?: State;
  readonly main: readonly State[];
  readonly terminal?: boolean;
  readonly phase: Phase;
}

const rows: readonly Row[] = [
  { why: 'nothing has been started', main: ['waiting'], phase: 'Pending' },
  { why: 'all run', main: ['running', 'running'], phase: 'Running' },
  { why: 'one waits for its first start while another runs', main: ['running', 'waiting'], phase: 'Pending' },
  { why: 'a status is missing', main: ['running', 'missing'], phase: 'Pending' },
  { why: 'the only container crash-loops under Always', main: ['backoff'], phase: 'Running' },
  { why: 'the only container ended well under Always', main: ['exit0'], phase: 'Running' },
  {
    why: 'all ended well under OnFailure',
    policy: 'OnFailure',
    main: ['exit0', 'exit0'],
    phase: 'Succeeded',
  },
  { why: 'one failed under OnFailure', policy: 'OnFailure', main: ['exit0', 'exit1'], phase: 'Running' },
  { why: 'one failed under Never', policy: 'Never', main: ['exit0', 'exit1'], phase: 'Failed' },
  {
    why: 'one failed under Never, another runs',
    policy: 'Never',
    main: ['running', 'exit1'],
    phase: 'Running',
  },
  { why: 'all ended well and the Pod is over', main: ['exit0'], terminal: true, phase: 'Succeeded' },
  { why: 'one failed and the Pod is over', main: ['exit0', 'exit1'], terminal: true, phase: 'Failed' },
  { why: 'an init container runs', init: 'running', main: ['waiting'], phase: 'Pending' },
  { why: 'an init container failed under Always', init: 'exit1', main: ['waiting'], phase: 'Pending' },
  {
    why: 'an init container failed under Never',
    policy: 'Never',
    init: 'exit1',
    main: ['waiting'],
    phase: 'Failed',
  },
  { why: 'an init container is over', init: 'exit0', main: ['running'], phase: 'Running' },
  {
    why: 'a sidecar waits and nothing else has run',
    sidecar: 'waiting',
    main: ['waiting'],
    phase: 'Pending',
  },
  { why: 'a sidecar runs beside', sidecar: 'running', main: ['running'], phase: 'Running' },
  { why: 'a sidecar crash-loops: it says nothing', sidecar: 'backoff', main: ['running'], phase: 'Running' },
];

test.each(rows)('$phase: $why', ({ policy = 'Always', init, sidecar, main, terminal = false, phase }) => {
  const initContainers = [
    ...(init === undefined ? [] : [{ name: 'init' }]),
    ...(sidecar === undefined ? [] : [{ name: 'side', restartPolicy: 'Always' }]),
  ];
  const initStatuses = [
    ...(init === undefined ? [] : statusOf('init', init)),
    ...(sidecar === undefined ? [] : statusOf('side', sidecar)),
  ];
  const containers = main.map((_, i) => ({ name: `c${i}` }));
  const statuses = main.flatMap((state, i) => statusOf(`c${i}`, state));
  const hasInitialized = main.some((state) => state !== 'waiting' && state !== 'missing');
  const found = phaseOf({ containers, initContainers, restartPolicy: policy }, initStatuses, statuses, {
    isTerminal: terminal,
    hasInitialized,
  });
  expect(found).toBe(phase);
});
