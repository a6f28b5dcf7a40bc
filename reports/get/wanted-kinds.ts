/** The kinds that the words of a command name, as they were known at a moment of the run. */
import type { CustomResourceDefinition } from '../../core/api/generated/types.ts';
import { resourceNamed } from '../../core/api/kinds.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import { registryAt } from '../trace/registry-at.ts';
import type { TraceSource } from '../trace/source.ts';
import type { Wanted } from './arguments.ts';
import { discoveryOf, kindCalled, kindsCalled, type Discovery, type Kind } from './kinds.ts';

/** What is wanted, with kinds for their names. */
export type Resolved =
  | { readonly all: readonly Kind[] }
  | { readonly objects: readonly { readonly kind: Kind; readonly name: string }[] };

/** Finds the kinds. The trace is only read for definitions where a name is none of Kubernetes' own. */
export function resolved(source: TraceSource, wanted: Wanted, at: VirtualTime | undefined): Resolved {
  const words = 'all' in wanted ? wanted.all : wanted.objects.map(({ kind }) => kind);
  const own = discoveryOf([]);
  const known = words.every((word) => kindCalled(own, word) !== undefined)
    ? own
    : discoveryOf(definitionsAt(source, at));
  return withKinds(wanted, known);
}

function withKinds(wanted: Wanted, discovery: Discovery): Resolved {
  if ('all' in wanted)
    return { all: [...new Set(wanted.all.flatMap((word) => kindsCalled(discovery, word)))] };
  return {
    objects: wanted.objects.flatMap(({ kind: word, name }) =>
      kindsCalled(discovery, word).map((kind) => ({ kind, name })),
    ),
  };
}

function definitionsAt(
  source: TraceSource,
  at: VirtualTime | undefined,
): readonly CustomResourceDefinition[] {
  const prefix = resourceNamed('customresourcedefinitions')?.registryPrefix ?? '';
  const { registry } = registryAt(source, [`"key":"${prefix}`], at);
  return [...registry.entries.values()].map(({ object }) => object as unknown as CustomResourceDefinition);
}

/** Every kind that is wanted, once. */
export const kindsIn = (wanted: Resolved): readonly Kind[] => [
  ...new Set('all' in wanted ? wanted.all : wanted.objects.map(({ kind }) => kind)),
];
