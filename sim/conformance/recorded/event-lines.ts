/**
 * Events by what they are about: type, reason, object, text, reporter. The recorder kept no name of an Event, so one
 * that was only counted again cannot be told apart from others: how many were, is told. Events of sizes follow the
 * rollout (rollout.ts): each must tell of a step that was taken.
 */
import type { Canon } from './canon.ts';
import type { Sighting } from './recording.ts';
import { turnAt, type Chapter, type Line, type Turns } from './transcript.ts';

const combined = '(combined from similar events): ';

export function eventChapters(
  sightings: readonly Sighting[],
  turns: Turns,
  canon: Canon,
): readonly Chapter[] {
  const heads = new Map<string, string>();
  const lines: Line[] = [];
  const unscheduled = new Map<string, Line>();
  const steps = stepsOf(sightings);
  for (const { kind, type, at, fields } of sightings) {
    if (kind !== 'Event' || type === 'DELETED') continue;
    const turn = turnAt(turns, at);
    const message = typeof fields['msg'] === 'string' ? fields['msg'].replace(combined, '') : undefined;
    if (message === undefined || isOfConflict(message) || isOfStart(sightings, fields)) continue;
    if (fields['reason'] === 'NoPods' && podsAppear(sightings, turns, turn)) continue;
    if (message.startsWith('Scaled ')) {
      if (!steps.has(message))
        lines.push({ turn, at, text: canon.text(`tells of a step that was not: ${message}`) });
      continue;
    }
    const said = saidOf(message, fields, canon);
    const head = type === 'ADDED' ? headOf(fields, canon) : (heads.get(said) ?? '?');
    heads.set(said, head);
    const isOnNode = fields['reason'] === 'Scheduled' && !said.endsWith('<node>');
    const line: Line = isOnNode ? { turn, text: `${head}: ${said}` } : { turn, at, text: `${head}: ${said}` };
    // When it was said is a matter of what else happened in the cluster.
    if (fields['reason'] === 'FailedScheduling')
      unscheduled.set(`${turn} ${line.text}`, { turn, text: line.text });
    else lines.push(line);
  }
  return [
    { title: 'Events', order: 'any', lines, retryAfter: writtenBeside },
    { title: 'Why Pods were not scheduled', order: 'within', lines: [...unscheduled.values()] },
  ];
}

/** Events are written beside everything else, one after another, in milliseconds. */
const writtenBeside = 1_000;

const isOfConflict = (message: string): boolean =>
  /the object has been modified|^Failed to create endpoint .* already exists$/.test(message);

/** A budget made in the same turn as its Pods may be looked at before there is one. */
const podsAppear = (sightings: readonly Sighting[], turns: Turns, turn: number): boolean =>
  sightings.some(({ kind, type, at }) => kind === 'Pod' && type === 'ADDED' && turnAt(turns, at) === turn);

/** A node that was there before is registered when the manager begins. */
function isOfStart(sightings: readonly Sighting[], { reason, obj }: Sighting['fields']): boolean {
  if (reason !== 'RegisteredNode') return false;
  return !sightings.some(
    ({ kind, type, name }) => kind === 'Node' && type === 'ADDED' && obj === `Node/${name}`,
  );
}

const onNode = / to (\S+)$/;

function saidOf(message: string, { reason, obj }: Sighting['fields'], canon: Canon): string {
  if (reason !== 'Scheduled') return canon.text(message);
  const pod = String(obj).replace('Pod/', '');
  return canon.text(
    message.replace(onNode, (_, node: string) => ` to ${canon.node(node, canon.ownerOf(pod))}`),
  );
}

function headOf({ etype, reason, obj, source, action }: Sighting['fields'], canon: Canon): string {
  const doing = action === undefined ? '' : ` ${String(action)}`;
  return canon.text(`${String(etype)} ${String(reason)} ${String(obj)} (${String(source)}${doing})`);
}

/** The texts of all steps that ReplicaSets have taken. */
function stepsOf(sightings: readonly Sighting[]): ReadonlySet<string> {
  const held = new Map<string, number>();
  const texts = new Set<string>();
  for (const { kind, type, name, fields } of sightings) {
    const { spec } = fields;
    if (kind !== 'ReplicaSet' || type === 'DELETED' || typeof spec !== 'number') continue;
    const from = type === 'ADDED' ? 0 : (held.get(name) ?? 0);
    const way = spec > from ? 'up' : 'down';
    texts.add(`Scaled ${way} replica set ${name} from ${from} to ${spec}`);
    held.set(name, spec);
  }
  return texts;
}
