/** The rows of the sequence diagram: a Pod's story as messages between six lifelines. */
import { decisionOf, filterText } from '../story/decision.ts';
import type { Step } from '../story/step.ts';
import type { TraceIndex } from '../trace/trace-index.ts';

/** The lifelines, from left to right. */
export const lanes = ['kubectl', 'apiserver', 'etcd', 'managers', 'scheduler', 'kubelet'] as const;
export type Lane = (typeof lanes)[number];

export type Row =
  | { readonly type: 'chapter'; readonly title: string; readonly of: Lane }
  /** `told`: a watch event, which nobody had asked for at that moment. */
  | {
      readonly type: 'message';
      readonly at: number;
      readonly from: Lane;
      readonly to: Lane;
      readonly told: boolean;
      readonly label: string;
    }
  | {
      readonly type: 'note';
      readonly at: number | undefined;
      readonly lane: Lane;
      readonly label: string;
      readonly warning: boolean;
    }
  /** A node's score in a decision, as a share of the best. */
  | {
      readonly type: 'score';
      readonly lane: Lane;
      readonly node: string;
      readonly score: number;
      readonly share: number;
      readonly chosen: boolean;
    };

/** The rows of a story, until somebody asks for the Pod's deletion. */
export function rowsOf(index: TraceIndex, story: readonly Step[]): readonly Row[] {
  const end = story.findIndex((step) => step.relation === 'life' && step.verb === 'delete');
  const steps = end < 0 ? story : story.slice(0, end);
  const rows: Row[] = [];
  const chapters = new Set<string>();
  const heard = new Set<number>();
  for (const step of steps) {
    const lane = laneOf(index, step);
    if (step.kind === 'Event' && lane !== 'kubelet' && step.verb !== 'Warning') continue;
    const title = chapterOf(step, lane);
    if (!chapters.has(title)) rows.push({ type: 'chapter', title, of: lane });
    chapters.add(title);
    rows.push(...hearing(index, step, lane, heard), ...deed(index, step, lane));
  }
  return rows;
}

/** The lifeline of a step's component. */
function laneOf(index: TraceIndex, step: Step): Lane {
  switch (index.processes.get(index.process[step.sent] ?? 0)?.kind) {
    case 'scheduler':
      return 'scheduler';
    case 'kubelet':
      return 'kubelet';
    case 'controller-manager':
      return 'managers';
    case 'etcd':
    case 'apiserver':
      return 'apiserver';
    case 'user':
    case 'workload':
    case 'world':
    case undefined:
      return 'kubectl';
  }
}

function chapterOf(step: Step, lane: Lane): string {
  switch (lane) {
    case 'kubectl':
      return `${step.component} applies a manifest`;
    case 'scheduler':
      return 'The scheduler: filter, score, bind';
    case 'kubelet':
      return `The kubelet runs it (${step.process.split('/').at(-1) ?? ''})`;
    case 'apiserver':
      return 'The apiserver, by itself';
    case 'etcd':
    case 'managers':
      return step.relation === 'effect' ? 'Others hear how it is' : `The ${step.component}`;
  }
}

/** What a component heard before it did something, once. */
function hearing(index: TraceIndex, { because, sent }: Step, lane: Lane, heard: Set<number>): readonly Row[] {
  if (because === undefined || because.kind !== 'watch' || heard.has(because.event)) return [];
  heard.add(because.event);
  if (index.process[because.event] !== index.process[sent]) return [];
  return [{ type: 'message', at: because.at, from: 'apiserver', to: lane, told: true, label: because.text }];
}

function deed(index: TraceIndex, step: Step, lane: Lane): readonly Row[] {
  switch (step.kind) {
    case 'Event':
      return [
        {
          type: 'note',
          at: index.at[step.sent] ?? step.at,
          lane,
          label: eventWords(step.what),
          warning: step.verb === 'Warning',
        },
      ];
    case 'decision':
      return decisionRows(step, lane);
    case 'refused':
    case 'write': {
      const asked = `${step.verb} ${step.object}`;
      const rows: Row[] = [];
      const at = index.at[step.request] ?? step.at;
      if (step.request !== 0)
        rows.push({ type: 'message', at, from: lane, to: 'apiserver', told: false, label: asked });
      if (step.kind === 'write')
        rows.push({
          type: 'message',
          at: step.at,
          from: 'apiserver',
          to: 'etcd',
          told: false,
          label: commitText(step),
        });
      else
        rows.push({
          type: 'message',
          at: step.at,
          from: 'apiserver',
          to: lane,
          told: true,
          label: step.what,
        });
      return rows;
    }
  }
}

const commitText = (step: Step): string => `rev ${step.revision}${step.what === '' ? '' : `: ${step.what}`}`;

/** An Event's message says by itself what its reason names. */
const eventWords = (what: string): string => what.slice(what.indexOf(': ') + 2);

function decisionRows(step: Step, lane: Lane): readonly Row[] {
  const decision = decisionOf(step.detail ?? null);
  const best = Math.max(1, ...decision.scores.map((score) => score.total));
  const note = (label: string, at?: number): Row => ({ type: 'note', at, lane, label, warning: false });
  const filter = filterText(decision);
  return [
    ...(filter === '' ? [] : [note(filter, step.at)]),
    ...decision.reasons.map(([reason, nodes]) => note(`  ${nodes} × ${reason}`)),
    ...decision.scores.map((score): Row => ({
      type: 'score',
      lane,
      node: score.node,
      score: score.total,
      share: score.total / best,
      chosen: score.node === decision.node,
    })),
    ...(decision.node === ''
      ? [note('no node will do', step.at)]
      : decision.scores.length === 0
        ? [note(`node ${decision.node}`, step.at)]
        : []),
  ];
}
