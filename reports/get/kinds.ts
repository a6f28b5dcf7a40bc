/**
 * The kinds a client could ask for at a moment: those of Kubernetes, and those that the definitions of the moment add.
 * A name is looked for as kubectl looks for it: the plural, the singular, a short name, or the kind, alone or with its
 * group, with its version and group, or with the beginning of its group.
 */
import { convertTo, customResource, infoOf } from '../../core/api/custom/custom-resource.ts';
import { isTrue } from '../../core/api/custom/definition-status.ts';
import { customPrinter } from '../../core/api/custom/printer.ts';
import type { Fields } from '../../core/api/custom/schema.ts';
import { toVersion } from '../../core/api/conversion.ts';
import type { CustomResourceDefinition } from '../../core/api/generated/types.ts';
import { apiVersionOf, groupResource, resources, type ResourceInfo } from '../../core/api/kinds.ts';
import { nearest } from '../../core/api/nearest.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { Printer } from '../../core/api/printers/column.ts';
import { printerOf } from '../../core/api/printers/table.ts';
import type { NewObject } from '../../core/api/request.ts';
import { GetInputError } from './problem.ts';

/** A kind in one of the versions it is served in. */
export interface Kind {
  readonly info: ResourceInfo;
  readonly version: string;
  readonly printer: Printer;
  /** What is stored, as a client reads it. */
  readonly read: (stored: ApiObject) => ApiObject;
  /** Fields it may be selected by besides name and namespace, where its definition says so. */
  readonly selectable: readonly string[];
  /** What every answer about it warns of. */
  readonly warning: string | undefined;
}

/** What is known at a moment: each kind in each version, the preferred one first. */
export interface Discovery {
  readonly kinds: readonly (readonly Kind[])[];
  /** Kinds by the names of the groups that people ask for together: `all`. */
  readonly categories: ReadonlyMap<string, readonly Kind[]>;
}

/** The kinds of Kubernetes, and those of the definitions that are established. */
export function discoveryOf(definitions: readonly CustomResourceDefinition[]): Discovery {
  const established = definitions.filter((crd) => isTrue(crd, 'Established'));
  const custom = established.map((crd) => ({ crd, versions: versionsOf(crd) }));
  const categories = new Map(
    Object.entries(ownCategories).map(([category, names]) => [category, names.flatMap(ownNamed)]),
  );
  for (const { crd, versions } of custom)
    for (const category of crd.spec.names.categories ?? [])
      categories.set(category, [...(categories.get(category) ?? []), ...versions.slice(0, 1)]);
  return { kinds: [...ownKinds, ...custom.map(({ versions }) => versions)], categories };
}

const warnings: Readonly<Record<string, string>> = {
  endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

const ownKinds: readonly (readonly Kind[])[] = resources.map((info) =>
  [info.version, ...info.otherVersions.map(({ version }) => version)].map((version) => ({
    info,
    version,
    printer: printerOf(info),
    read: (stored) =>
      toVersion(stored as unknown as NewObject, apiVersionOf({ ...info, version })) as unknown as ApiObject,
    selectable: [],
    warning: warnings[info.resource],
  })),
);

/** In the order of discovery: the core group, then the groups by their priority. */
const ownCategories: Readonly<Record<string, readonly string[]>> = {
  all: [
    'pods',
    'replicationcontrollers',
    'services',
    'daemonsets',
    'deployments',
    'replicasets',
    'statefulsets',
    'horizontalpodautoscalers',
    'cronjobs',
    'jobs',
  ],
  'api-extensions': [
    'mutatingwebhookconfigurations',
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
    'validatingwebhookconfigurations',
    'customresourcedefinitions',
  ],
};

const ownNamed = (resource: string): readonly Kind[] =>
  ownKinds.flatMap(([preferred]) => (preferred?.info.resource === resource ? [preferred] : []));

function versionsOf(crd: CustomResourceDefinition): readonly Kind[] {
  const info = infoOf(crd);
  const served = crd.spec.versions.filter((version) => version.served).map(({ name }) => name);
  return [...served].sort(byVersion).flatMap((version): readonly Kind[] => {
    const resource = customResource(crd, version);
    if (resource === undefined) return [];
    return [
      {
        info,
        version,
        printer: customPrinter(resource),
        read: (stored) =>
          resource.withDefaults(convertTo(stored as unknown as Fields, resource)) as unknown as ApiObject,
        selectable: resource.selectableFields,
        warning: resource.deprecationWarning,
      },
    ];
  });
}

/** Stable ones before beta before alpha, each by its number, the newest first; others last, by name. (apimachinery/pkg/version) */
function byVersion(a: string, b: string): number {
  const [x, y] = [rankOf(a), rankOf(b)];
  for (const [i, rank] of x.entries()) if (rank !== y[i]) return (y[i] ?? 0) - rank;
  return a < b ? -1 : 1;
}

function rankOf(version: string): readonly number[] {
  const [found, major = '', stage, minor = ''] =
    /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? [];
  if (found === undefined) return [0, 0, 0];
  return [stage === undefined ? 3 : stage === 'beta' ? 2 : 1, Number(major), Number(minor)];
}

/** The kinds a word stands for: one, or all of a category. */
export function kindsCalled(discovery: Discovery, word: string): readonly Kind[] {
  const found = discovery.categories.get(word) ?? [kindCalled(discovery, word)];
  return found.map((kind) => kind ?? unknown(discovery, word));
}

/** The kind of a name; undefined when there is none. */
export function kindCalled({ kinds }: Discovery, name: string): Kind | undefined {
  const [word = '', ...rest] = name.toLowerCase().split('.');
  const named = kinds.filter(([preferred]) => preferred !== undefined && isCalled(preferred.info, word));
  if (rest.length === 0) return named[0]?.[0];
  const group = rest.join('.');
  const [version, ...others] = rest;
  return (
    named.find(([kind]) => kind?.info.group === group)?.[0] ??
    named.flat().find((kind) => kind.version === version && kind.info.group === others.join('.')) ??
    named.find(([kind]) => kind?.info.group.startsWith(group))?.[0]
  );
}

const isCalled = ({ plural, singular, kind, shortNames }: ResourceInfo, word: string): boolean =>
  plural === word || singular === word || shortNames.includes(word) || kind.toLowerCase() === word;

function unknown({ kinds, categories }: Discovery, word: string): never {
  const names = kinds.flatMap(([preferred]) =>
    preferred === undefined
      ? []
      : [
          preferred.info.plural,
          groupResource(preferred.info),
          preferred.info.singular,
          ...preferred.info.shortNames,
        ],
  );
  const meant = nearest(word, [...names, ...categories.keys()]);
  throw new GetInputError(
    `the server doesn't have a resource type "${word}"${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}
