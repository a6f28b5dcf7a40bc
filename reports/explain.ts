/** `wavetank explain KIND/NAME`: the causal chain of an object's life, step by step, from a trace. */
import type { ChalkInstance } from 'chalk';
import { resourceCalled, resources, type ResourceInfo } from '../core/api/kinds.ts';
import { nearest } from '../core/api/nearest.ts';
import type { Json } from '../core/api/generated/types.ts';
import type { LoadedPlugin } from '../sim/cluster/spec.ts';
import { attemptLines } from './attempts/attempt-text.ts';
import { attemptsOf, type AttemptTold } from './attempts/attempts.ts';
import { decisionOf, filterText } from './story/decision.ts';
import { messageAt } from './story/describe.ts';
import { hopsOf } from './story/hops.ts';
import { needlesFor, storyOf } from './story/story.ts';
import type { Step } from './story/step.ts';
import { clockText, cut, fitted, noColours } from './terminal.ts';
import { parseRecord } from './trace/event.ts';
import { lineText } from './trace/lines.ts';
import { namedBy, shortName } from './trace/names.ts';
import type { TraceSource } from './trace/source.ts';
import { indexTrace, recordsAt, type TraceIndex } from './trace/trace-index.ts';
import { isWrite } from './trace/registry.ts';

export interface ExplainOptions {
  /** `pod/web-abc`, by any name of the kind that kubectl knows. */
  readonly target: string;
  readonly namespace?: string | undefined;
  /** Of a Pod: this node's verdict in every scheduling attempt. */
  readonly node?: string | undefined;
  /** The plugins that the run's scheduler had beside its own. */
  readonly plugins?: readonly LoadedPlugin[] | undefined;
  /** Every event on the way, not only the deeds. */
  readonly full?: boolean;
  readonly format?: 'text' | 'json';
  /** @default no colours */
  readonly colours?: ChalkInstance;
  /** Columns of the terminal: longer lines are cut. @default no end */
  readonly width?: number;
}

/** The object of an explanation is not to be found in the trace: the command ends with this message and status 2. */
export class UnknownObjectError extends Error {
  override readonly name = 'UnknownObjectError';
}

/** The story of an object as text or JSON. */
export function explain(source: TraceSource, options: ExplainOptions): string {
  const { info, name } = targetOf(options.target);
  const index = indexTrace(source, { needles: needlesFor({ name }) });
  const key = resolved(index, info, name, options.namespace);
  const steps = storyOf(index, key);
  if (options.node !== undefined && info.kind !== 'Pod')
    throw new UnknownObjectError(
      `--node ${options.node}: only a Pod is scheduled, ${info.kind}/${name} is none`,
    );
  const attempts = attemptsOf(index, key, steps, options);
  if (options.node !== undefined) refuseUnknownNode(options.node, [...attempts.values()]);
  if (options.format === 'json') return JSON.stringify(steps.map(withAttempt(attempts)), null, 2) + '\n';
  return storyText(index, key, steps, attempts, options);
}

type Attempts = ReturnType<typeof attemptsOf>;

const withAttempt =
  (attempts: Attempts) =>
  (step: Step): Step & { readonly scheduling?: AttemptTold } => {
    const scheduling = attempts.get(step.event);
    return scheduling === undefined || step.kind !== 'decision' ? step : { ...step, scheduling };
  };

function refuseUnknownNode(node: string, attempts: readonly AttemptTold[]): void {
  if (attempts.some((told) => told.node !== undefined && told.node.outcome !== 'absent')) return;
  const why =
    attempts.length === 0
      ? 'no scheduling attempt of this Pod can be worked out again from this trace'
      : 'there was no such node at any scheduling attempt';
  throw new UnknownObjectError(`--node ${node}: ${why}`);
}

function targetOf(target: string): { readonly info: ResourceInfo; readonly name: string } {
  const slash = target.indexOf('/');
  const kind = target.slice(0, slash);
  const name = target.slice(slash + 1);
  if (slash <= 0 || name === '' || name.includes('/'))
    throw new UnknownObjectError(
      `${target}: an object is named KIND/NAME, as in Pod/web (its namespace with -n)`,
    );
  const info = resourceCalled(kind);
  if (info !== undefined) return { info, name };
  const meant = nearest(
    kind,
    resources.flatMap((candidate) => [candidate.kind, candidate.resource, ...candidate.shortNames]),
  );
  throw new UnknownObjectError(
    `${target}: there is no kind ${kind}${meant === undefined ? '' : `; did you mean ${meant}/${name}?`}`,
  );
}

/** The object's key: in the given namespace; or in `default`; or the only one of that name anywhere. */
function resolved(
  index: TraceIndex,
  info: ResourceInfo,
  name: string,
  namespace: string | undefined,
): string {
  const keys = new Set(
    index.hits.flatMap((id) =>
      recordsAt(index, id)
        .filter(isWrite)
        .map((record) => record.key),
    ),
  );
  const found = [...keys]
    .map(namedBy)
    .filter((named) => named?.info === info && named.name === name)
    .map((named) => named?.namespace);
  const keyIn = (place: string | undefined): string =>
    info.registryPrefix + (place === undefined ? name : `${place}/${name}`);
  if (!info.namespaced && found.length > 0) return keyIn(undefined);
  const wanted = namespace ?? (found.includes('default') || found.length !== 1 ? 'default' : found[0]);
  if (found.includes(wanted)) return keyIn(wanted);
  if (namespace === undefined && found.length > 1)
    throw new UnknownObjectError(
      `${info.kind}/${name} is in several namespaces: say which with -n (${[...found].sort().join(', ')})`,
    );
  throw unknownObject(index.source, info, name, namespace, found);
}

function unknownObject(
  source: TraceSource,
  info: ResourceInfo,
  name: string,
  namespace: string | undefined,
  elsewhere: readonly (string | undefined)[],
): UnknownObjectError {
  const where = namespace === undefined || !info.namespaced ? '' : ` in namespace ${namespace}`;
  const head = `${info.kind}/${name}: there is no such object${where} in ${source.name}`;
  if (elsewhere.length > 0) return new UnknownObjectError(`${head}; it is in ${elsewhere.join(', ')}`);
  const names = namesOf(source, info);
  if (names.length === 0) return new UnknownObjectError(`${head}; nothing of kind ${info.kind} is`);
  return new UnknownObjectError(`${head}; ${nearestFew(name, names)}`);
}

/** The names of a kind that a trace ever wrote. */
function namesOf(source: TraceSource, info: ResourceInfo): readonly string[] {
  const names = new Set<string>();
  indexTrace(source, {
    needles: [`"key":"${info.registryPrefix}`],
    onRecord(_event, line) {
      if (!line.hit) return;
      const record = parseRecord(lineText(line));
      const named =
        typeof record === 'object' && isWrite(record) && 'put' in record ? namedBy(record.key) : undefined;
      if (named?.info === info) names.add(named.name);
    },
  });
  return [...names].sort();
}

/** The nearest name, or the first few that begin alike, or the first few. */
function nearestFew(name: string, names: readonly string[]): string {
  const begun = names.filter((candidate) => candidate.startsWith(name));
  const meant = nearest(name, names);
  if (begun.length === 0 && meant !== undefined) return `did you mean ${meant}?`;
  const few = begun.length > 0 ? begun : names;
  return `there ${few.length === 1 ? 'is' : 'are'} ${few.slice(0, 5).join(', ')}${few.length > 5 ? ` and ${few.length - 5} more` : ''}`;
}

function storyText(
  index: TraceIndex,
  key: string,
  steps: readonly Step[],
  attempts: Attempts,
  options: ExplainOptions,
): string {
  const { colours: c = noColours, width = Infinity, full = false } = options;
  const columns = columnsFor(steps);
  const plural = steps.length === 1 ? 'step' : 'steps';
  const lines = [
    c.bold(`${shortName(key)}: ${steps.length} ${plural}`) +
      c.dim(`  (${index.source.name}, ${index.events} events, seed ${index.header.seed})`),
    '',
  ];
  for (const step of steps) {
    lines.push(...stepLines(step, attempts.get(step.event), columns, c, width));
    const margin = ' '.repeat(columns.number * 2 + columns.time + 8);
    if (full)
      lines.push(
        ...hopLines(index, step).map((line) => c.dim(`${margin}${cut(line, width - margin.length)}`)),
      );
  }
  if (index.truncated)
    lines.push('', c.yellow(`The trace was cut off in its last line; it is told up to there.`));
  return lines.join('\n') + '\n';
}

interface Columns {
  readonly number: number;
  readonly time: number;
  readonly who: number;
}

const columnsFor = (steps: readonly Step[]): Columns => ({
  number: `${steps.length}`.length,
  time: Math.max(6, ...steps.map((step) => clockText(step.at).length)),
  who: Math.min(46, Math.max(0, ...steps.map((step) => indent(step).length + step.component.length))),
});

/** One line; a reason from outside the story has one of its own, and a decision its table. */
function stepLines(
  step: Step,
  attempt: AttemptTold | undefined,
  columns: Columns,
  c: ChalkInstance,
  width: number,
): readonly string[] {
  const { because } = step;
  const mover = because?.step === undefined ? '' : `← ${because.step}`;
  const head = `${`${step.number}`.padStart(columns.number)} ${mover.padEnd(columns.number + 2)}  ${clockText(step.at).padStart(columns.time)}  `;
  const who = fitted(indent(step) + step.component, columns.who);
  const room = Math.max(20, width - head.length - columns.who - 2);
  const what = stepText(step);
  const reason = becauseText(step);
  const aside =
    mover !== '' && reason !== '' && what.length + reason.length + 2 <= room ? `  ${c.dim(reason)}` : '';
  const below = ' '.repeat(head.length + columns.who + 4);
  const lines = [
    `${c.dim(head)}${step.relation === 'life' ? c.bold(who) : who}  ${paint(c, step, cut(what, room))}${aside}`,
  ];
  if (mover === '' && reason !== '') lines.push(below + c.dim(cut(`← ${reason}`, room - 2)));
  if (step.detail === undefined) return lines;
  const told = attempt === undefined ? decisionLines(step.detail) : attemptLines(attempt);
  lines.push(...told.map((line) => (below + line).trimEnd()));
  return lines;
}

/** Deeper threads are drawn no further to the right. */
const deepest = 6;

const indent = ({ depth }: Step): string =>
  depth === 0 ? '' : `${'  '.repeat(Math.min(depth, deepest) - 1)}└ `;

function stepText(step: Step): string {
  switch (step.kind) {
    case 'Event':
      return `Event ${step.what}`;
    case 'decision':
      return `${step.verb} ${step.object}: ${step.what}`;
    case 'write':
    case 'refused': {
      const others =
        step.alike.length === 0 ? '' : ` and ${step.alike.length} more (to ${step.alike.at(-1) ?? ''})`;
      return `${step.verb} ${step.object}${others}${step.what === '' ? '' : `: ${step.what}`}`;
    }
  }
}

function paint(c: ChalkInstance, step: Step, text: string): string {
  if (step.kind === 'refused') return c.red(text);
  if (step.kind === 'Event') return step.verb === 'Warning' ? c.yellow(text) : c.dim(text);
  if (step.kind === 'decision') return c.magenta(text);
  return step.relation === 'life' ? c.cyan(text) : text;
}

/** How what moved it came to the component; an outsider's doing has no reason in the cluster. */
function becauseText({ because }: Step): string {
  if (because === undefined || because.kind === 'action') return '';
  const waited = because.timer === '' ? '' : `, timer: ${because.timer}`;
  const how =
    because.step === undefined ? `${because.text} at` : because.kind === 'watch' ? 'heard' : 'answered';
  return `${how} ${clockText(because.at)}${waited}`;
}

/** A decision as a small table: the filters' verdict, then a row for each node that was scored. */
function decisionLines(detail: Json): readonly string[] {
  const decision = decisionOf(detail);
  const lines = [filterText(decision)].filter((line) => line !== '');
  for (const [reason, nodes] of decision.reasons) lines.push(`${nodes} × ${reason}`);
  const plugins = [...new Set(decision.scores.flatMap((score) => [...score.plugins.keys()]))];
  const rows = [
    ['node', ...plugins, 'score', ''],
    ...decision.scores.map((score) => [
      score.node,
      ...plugins.map((plugin) => `${score.plugins.get(plugin) ?? ''}`),
      `${score.total}`,
      score.node === decision.node ? '← chosen' : '',
    ]),
  ];
  if (decision.scores.length > 0) lines.push(...aligned(rows));
  else if (decision.node !== '') lines.push(`node ${decision.node}`);
  for (const [name, text] of decision.rest) lines.push(`${name}: ${text}`);
  return lines;
}

/** Rows with their columns in line; numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0
          ? cell.padEnd(widths[column] ?? 0)
          : column === row.length - 1
            ? cell
            : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function hopLines(index: TraceIndex, step: Step): readonly string[] {
  return hopsOf(index, step).map((id) => {
    const { from, to, text } = messageAt(index, id);
    return `${clockText(index.at[id] ?? 0)}  event ${id} ← ${index.cause[id] ?? 0}  ${from === undefined ? to : `${from} → ${to}`}: ${text}`;
  });
}
