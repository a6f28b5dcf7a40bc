/** Random owners and what they own, across two namespaces, with references that mean what is there and references that do not. */
import { fc } from '@fast-check/vitest';
import type { ApiObject } from '../../core/api/object.ts';
import type { NewObject } from '../../core/api/request.ts';
import { adminUser, certificateOf } from '../../core/apiserver/authentication/identities.ts';
import type { ClientEvent, ClientRequest } from '../../core/client/component.ts';
import type { Step } from '../../core/reducer.ts';
import { second, type VirtualTime } from '../../core/time/time.ts';
import type { Action, ClusterSpec } from '../../sim/cluster/spec.ts';
import { keyringOf } from '../../sim/process/keyring.ts';
import { clientProgram, type Program } from '../../sim/process/program.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

/** An object that somebody makes with a reference to an owner, which is looked up first for its uid. */
interface Child {
  readonly at: VirtualTime;
  readonly name: string;
  readonly namespace: string;
  readonly owners: readonly {
    readonly name: string;
    readonly uid: 'its own' | 'made up';
  }[];
}

const owners = ['root', 'stem'];
const namespaces = ['default', 'other'];

const at = fc.integer({ min: 6, max: 80 }).map((halves) => halves * 0.5 * second);

const child = fc.record({
  at,
  name: fc.constantFrom('leaf-1', 'leaf-2', 'leaf-3', 'leaf-4'),
  namespace: fc.constantFrom('default', 'default', ...namespaces),
  owners: fc.array(
    fc.record({ name: fc.constantFrom(...owners), uid: fc.constantFrom('its own', 'its own', 'made up') }),
    { minLength: 1, maxLength: 2 },
  ),
}) as fc.Arbitrary<Child>;

export const other: NewObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } };

export const configMap = (
  name: string,
  namespace: string,
): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
});

const action: fc.Arbitrary<Action> = fc
  .record({
    at,
    name: fc.constantFrom(...owners),
    namespace: fc.constantFrom(...namespaces),
    made: fc.boolean(),
  })
  .map(({ at: when, name, namespace, made }) =>
    made
      ? { at: when, do: 'apply', objects: [configMap(name, namespace)] }
      : { at: when, do: 'delete', resource: 'configmaps', namespace, name },
  );

const lag = fc.record({
  at,
  do: fc.constant('lagWatch' as const),
  process: fc.constant('kube-controller-manager'),
  stream: fc.constantFrom('configmaps', '*'),
  by: fc.integer({ min: 0, max: 5 }).map((seconds) => seconds * second),
});

export interface Family {
  readonly spec: ClusterSpec;
  readonly children: readonly Child[];
}

export const families: fc.Arbitrary<Family> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    actions: fc.array(action, { minLength: 1, maxLength: 6 }),
    children: fc.array(child, { minLength: 2, maxLength: 12 }),
    faults: fc.array(lag, { maxLength: 2 }),
  })
  .map(({ seed, actions, children, faults }) => ({
    spec: {
      ...defaultCluster,
      seed,
      nodes: defaultNodes(1),
      actions: [
        {
          at: 1 * second,
          do: 'apply',
          objects: [other, ...owners.map((name) => configMap(name, 'default'))],
        },
        ...actions,
      ],
      faults,
      workload: [],
    },
    children,
  }));

interface Tag {
  readonly child: number;
  readonly uids: readonly string[];
}

/** Somebody who makes these objects: he looks each owner up in the default namespace, whichever the child is for. */
export function parent(children: readonly Child[]): Program {
  const ask = ({ child: number, uids }: Tag): readonly ClientRequest<Tag>[] => {
    const made = children[number];
    if (made === undefined) return [];
    const tag = { child: number, uids };
    const next = made.owners[uids.length];
    const request =
      next === undefined
        ? ({
            verb: 'create',
            resource: 'configmaps',
            namespace: made.namespace,
            object: withOwners(made, uids),
          } as const)
        : ({ verb: 'get', resource: 'configmaps', namespace: 'default', name: next.name } as const);
    return [{ do: 'call', tag, userAgent: 'parent', request }];
  };
  return clientProgram<undefined, Tag>({
    name: 'parent',
    kind: 'user',
    keyring: keyringOf(certificateOf(adminUser)),
    first: undefined,
    reduce: (state, event): Step<undefined, ClientRequest<Tag>> => ({
      state,
      requests: asked(event, children, ask),
    }),
  });
}

function asked(
  event: ClientEvent<Tag>,
  children: readonly Child[],
  ask: (tag: Tag) => readonly ClientRequest<Tag>[],
): readonly ClientRequest<Tag>[] {
  switch (event.type) {
    case 'start':
      return children.map(({ at: after }, number) => ({
        do: 'timer',
        tag: { child: number, uids: [] },
        after,
      }));
    case 'timer':
      return ask(event.tag);
    case 'answer': {
      const { child: number, uids } = event.tag;
      if (event.request.verb !== 'get') return [];
      const owner = children[number]?.owners[uids.length];
      const found: ApiObject | undefined = event.answer.ok ? event.answer.object : undefined;
      const uid = owner?.uid === 'its own' ? found?.metadata.uid : undefined;
      return ask({ child: number, uids: [...uids, uid ?? `nobody-${number}`] });
    }
    default:
      return [];
  }
}

const withOwners = ({ name, namespace, owners: of }: Child, uids: readonly string[]): NewObject => ({
  ...configMap(name, namespace),
  metadata: {
    name,
    namespace,
    ownerReferences: of.map((owner, i) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: owner.name,
      uid: uids[i] ?? '',
    })),
  },
});
