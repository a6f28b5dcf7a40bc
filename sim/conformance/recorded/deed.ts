/**
 * The actions of a recording, read into deeds. The recorder also noted in words what the next action is about; words
 * that nothing follows at once are an action that is not understood.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import type { DeleteOptions, NewObject } from '../../../core/api/request.ts';
import { resources, type ResourceInfo } from '../../../core/api/kinds.ts';
import { ConformanceInputError } from '../input.ts';
import { podReference, type PodReference } from './pod-reference.ts';
import type { RecordedAction, Recording } from './recording.ts';

export type Rollout = 'history' | 'undo' | 'restart' | 'pause' | 'resume';

export type Deed = {
  /** Milliseconds since the scenario began. */
  readonly at: number;
  /** Known from its answer alone. */
  readonly noted?: boolean;
} & (
  | { readonly do: 'create'; readonly object: NewObject; readonly info: ResourceInfo }
  | {
      readonly do: 'patch';
      readonly info: ResourceInfo;
      readonly name: string;
      /** Where the name was generated. */
      readonly pod?: PodReference | undefined;
      readonly patch: Json;
    }
  | { readonly do: 'scale'; readonly info: ResourceInfo; readonly name: string; readonly replicas: number }
  | {
      readonly do: 'delete';
      readonly info: ResourceInfo;
      readonly name: string;
      /** Where the name was generated. */
      readonly pod: PodReference | undefined;
      readonly options: DeleteOptions;
    }
  | { readonly do: 'evict'; readonly pod: PodReference }
  | { readonly do: 'drain'; readonly node: string }
  | { readonly do: 'rollout'; readonly verb: Rollout; readonly name: string; readonly toRevision: number }
  | { readonly do: 'ready'; readonly pod: PodReference; readonly ready: boolean }
  | {
      readonly do: 'addNode';
      readonly node: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly do: 'stopNode' | 'startNode'; readonly node: string }
);

/** The deeds of the actions, in order. Throws where an action is not understood. */
export function deedsOf(recording: Recording, fileName: string): readonly Deed[] {
  const { actions } = recording;
  const created = new Map<string, number>();
  const deeds = actions.map((action) => deedOf(recording, action, created));
  return deeds.flatMap((deed, i) => {
    if (deed !== undefined) return [deed];
    const { t, action } = actions[i] as RecordedAction;
    const next = actions.findIndex((later, j) => j > i && deeds[j] !== undefined && later.t - t <= 50);
    if (next >= 0) return [];
    throw new ConformanceInputError(
      `${fileName}: actions[${i}].action: ${JSON.stringify(action)} is not understood`,
    );
  });
}

function deedOf(
  recording: Recording,
  { t: at, action }: RecordedAction,
  created: Map<string, number>,
): Deed | undefined {
  const [verb = '', ...rest] = action.trim().split(' ');
  const object = objectNamed(rest[0] ?? '');
  if (object !== undefined) return onObject(recording, at, verb, object, rest.slice(1).join(' '), created);
  const ready = /^ready=(true|false)$/.exec(verb);
  if (ready !== null && rest[0] !== undefined)
    return { at, do: 'ready', pod: podReference(recording, rest[0]), ready: ready[1] === 'true' };
  if (verb === 'evict' && rest[0] !== undefined)
    return { at, do: 'evict', pod: podReference(recording, rest[0]) };
  return onNode(at, action.trim()) ?? onRollout(recording, at, action.trim());
}

interface Named {
  readonly info: ResourceInfo;
  readonly name: string;
}

/** `Deployment/web`: kinds are written as in a manifest. */
function objectNamed(text: string): Named | undefined {
  const [kind, name] = text.split('/');
  const info = resources.find((known) => known.kind === kind && !known.resource.startsWith('events.'));
  return info === undefined || name === undefined || name === '' ? undefined : { info, name };
}

function onObject(
  recording: Recording,
  at: number,
  verb: string,
  { info, name }: Named,
  rest: string,
  created: Map<string, number>,
): Deed | undefined {
  const pod = info.kind === 'Pod' && verb !== 'create' ? podReference(recording, name) : undefined;
  switch (verb) {
    case 'create': {
      const same = recording.manifests.filter(
        ({ kind, metadata }) => kind === info.kind && metadata.name === name,
      );
      // The same name may be created again: each time from the next of its manifests.
      const times = created.get(`${info.kind}/${name}`) ?? 0;
      created.set(`${info.kind}/${name}`, times + 1);
      const object = same[Math.min(times, same.length - 1)];
      return object === undefined ? undefined : { at, do: 'create', object, info };
    }
    case 'patch':
      return rest.startsWith('{')
        ? { at, do: 'patch', info, name, pod, patch: JSON.parse(rest) as Json }
        : undefined;
    case 'label':
    case 'annotate': {
      const field = verb === 'label' ? 'labels' : 'annotations';
      return { at, do: 'patch', info, name, pod, patch: { metadata: { [field]: pairsIn(rest) } } };
    }
    case 'scale': {
      const replicas = /^--replicas=(\d+)$/.exec(rest)?.[1];
      return replicas === undefined ? undefined : { at, do: 'scale', info, name, replicas: Number(replicas) };
    }
    case 'delete': {
      const options = rest.startsWith('{') ? (JSON.parse(rest) as DeleteOptions) : {};
      return { at, do: 'delete', info, name, pod, options };
    }
    case 'evict':
      return { at, do: 'evict', pod: podReference(recording, name) };
    default:
      return undefined;
  }
}

/** `a=b c-`: set to a value, or taken away. */
const pairsIn = (text: string): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    text
      .split(' ')
      .filter((pair) => pair !== '')
      .map((pair): readonly [string, string | null] => {
        const place = pair.indexOf('=');
        return place < 0 ? [pair.replace(/-$/, ''), null] : [pair.slice(0, place), pair.slice(place + 1)];
      }),
  );

function onNode(at: number, action: string): Deed | undefined {
  const added = /^add node (\S+)((?: \S+=\S*)*)$/.exec(action);
  if (added !== null)
    return {
      at,
      do: 'addNode',
      node: added[1] ?? '',
      labels: Object.fromEntries(
        (added[2] ?? '')
          .trim()
          .split(' ')
          .filter((pair) => pair !== '')
          .map((pair) => pair.split('=')),
      ) as Readonly<Record<string, string>>,
    };
  const power = /^(stop|start) node (\S+)(?: again)?$/.exec(action);
  if (power !== null) return { at, do: power[1] === 'stop' ? 'stopNode' : 'startNode', node: power[2] ?? '' };
  const [, verb, node = ''] =
    /^(?:kubectl )?(cordon|uncordon|drain) (?:[Nn]odes?\/)?(\S+)/.exec(action) ?? [];
  if (verb === 'drain') return { at, do: 'drain', node };
  const nodes = resources.find(({ kind }) => kind === 'Node');
  if (verb === undefined || nodes === undefined) return undefined;
  const unschedulable = verb === 'cordon' ? true : null;
  return { at, do: 'patch', info: nodes, name: node, patch: { spec: { unschedulable } } };
}

const rollout =
  /^(?:kubectl )?rollout (history|undo|restart|pause|resume)(?: (?:deployment|deploy)(?:\.apps|s)?[/ ](\S+))?(?: --to-revision=(\d+))?$/;

function onRollout({ manifests }: Recording, at: number, action: string): Deed | undefined {
  const [whole, verb, name, revision] = rollout.exec(action) ?? [];
  if (whole === undefined) return undefined;
  const only = manifests.find(({ kind }) => kind === 'Deployment')?.metadata.name;
  return {
    at,
    do: 'rollout',
    verb: verb as Rollout,
    name: name ?? only ?? '',
    toRevision: Number(revision ?? '0'),
  };
}
