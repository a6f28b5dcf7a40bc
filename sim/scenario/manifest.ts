/** Manifests: which objects a document holds, each with a kind that is known and fields that its kind has. */
import { customKindOf } from '../../core/api/custom/kinds.ts';
import { nearest } from '../../core/api/nearest.ts';
import { checkMetadataShape, checkShape, type ShapeProblem } from '../../core/api/schema.ts';
import { definitions } from '../../core/api/generated/schemas.ts';
import type { Json } from '../../core/api/generated/types.ts';
import { resourceOfKind, resources, type ResourceInfo } from '../../core/api/kinds.ts';
import type { NewObject } from '../../core/api/request.ts';
import type { Path, SourceDocument } from './documents.ts';
import { BadInput, shown, suggestion, type Position, type Problem } from '../input/problem.ts';

/** An object that a person wrote, and where. */
export interface Manifest {
  readonly object: NewObject;
  readonly info: ResourceInfo;
  readonly at: Position;
}

/**
 * The objects of a document, or of the part of it at `path`; a `v1` List is the objects in it. `kinds` are the custom kinds
 * that are known besides Kubernetes' own.
 */
export function manifestsOf(
  document: SourceDocument,
  kinds: readonly ResourceInfo[],
  path: Path = [],
): readonly Manifest[] {
  const problems: Problem[] = [];
  const manifests = objectsAt(document, kinds, path, valueAt(document.value, path), problems);
  if (problems.length > 0) throw new BadInput(problems);
  return manifests;
}

function valueAt(value: Json, path: Path): Json | undefined {
  let part: Json | undefined = value;
  for (const step of path) part = (part as Readonly<Record<string | number, Json>> | undefined)?.[step];
  return part;
}

type Fields = Readonly<Record<string, Json>>;

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `problems` gets what is wrong; an object with a problem is left out. */
function objectsAt(
  document: SourceDocument,
  kinds: readonly ResourceInfo[],
  path: Path,
  value: Json | undefined,
  problems: Problem[],
): readonly Manifest[] {
  if (isFields(value) && value['kind'] === 'List' && value['apiVersion'] === 'v1')
    return itemsOf(document, kinds, path, value['items'], problems);
  const found = isScenario(value) ? [misplacedScenario] : problemsOf(value, kinds);
  for (const { path: inside, part, message } of found)
    problems.push({ at: document.at([...path, ...inside], part), message });
  if (found.length > 0 || !isFields(value)) return [];
  const object = value as unknown as NewObject;
  const info = kindOf(object, kinds);
  return info === undefined ? [] : [{ object: inNamespace(object, info), info, at: document.at(path) }];
}

function kindOf(
  object: { readonly apiVersion: string; readonly kind: string },
  kinds: readonly ResourceInfo[],
): ResourceInfo | undefined {
  return resourceOfKind(object.apiVersion, object.kind) ?? customKindOf(kinds, object);
}

function itemsOf(
  document: SourceDocument,
  kinds: readonly ResourceInfo[],
  path: Path,
  items: Json | undefined,
  problems: Problem[],
): readonly Manifest[] {
  if (Array.isArray(items))
    return items.flatMap((item: Json, index) =>
      objectsAt(document, kinds, [...path, 'items', index], item, problems),
    );
  problems.push({
    at: document.at([...path, 'items']),
    message: `items: expected a list of objects, found ${shown(items)}`,
  });
  return [];
}

interface Found {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
}

const isScenario = (value: Json | undefined): boolean => isFields(value) && value['kind'] === 'Scenario';

const misplacedScenario: Found = {
  path: ['kind'],
  part: 'value',
  message: 'a Scenario is a document of its own, in a file given on the command line',
};

/** How many allowed fields a message lists where none is near. */
const mostListed = 12;

function withAdvice(problem: ShapeProblem): Found {
  const fields =
    problem.what === 'unknown field' ? Object.keys(definitions[problem.owner ?? '']?.fields ?? {}) : [];
  const allowed = fields.length <= mostListed ? fields : [...fields.slice(0, mostListed), '...'];
  const advice = problem.path[0] === 'apiVersion' ? '' : suggestion(problem.nearest, allowed);
  return { path: problem.path, part: problem.part, message: problem.message + advice };
}

/** Of a custom resource only what every object has is looked at here; its schema is the apiserver's business. */
function problemsOf(value: Json | undefined, kinds: readonly ResourceInfo[]): readonly Found[] {
  const custom = isFields(value) ? customKindOf(kinds, value as unknown as NewObject) : undefined;
  const shape =
    custom === undefined
      ? checkShape(value).map((problem) => nearestOf(problem, kinds))
      : checkMetadataShape((value as Fields)['metadata'] ?? {});
  return shape.length > 0 ? shape.map(withAdvice) : nameProblems(value, kinds);
}

/** A kind that nobody knows may have been meant for a custom one. */
function nearestOf(problem: ShapeProblem, kinds: readonly ResourceInfo[]): ShapeProblem {
  if (problem.what !== 'unknown kind' || problem.path[0] !== 'kind' || kinds.length === 0) return problem;
  const near = nearest(
    String(problem.found),
    [...kinds, ...resources].map(({ kind }) => kind),
  );
  return near === undefined ? problem : { ...problem, nearest: near };
}

/** What `kubectl apply` says before it asks any server. Only for objects of a known kind and shape. */
function nameProblems(value: Json | undefined, kinds: readonly ResourceInfo[]): readonly Found[] {
  if (!isFields(value)) return [];
  const info = kindOf(value as unknown as NewObject, kinds);
  const { name, generateName, namespace } = (value['metadata'] ?? {}) as Readonly<
    Record<string, string | undefined>
  >;
  if (generateName !== undefined && name === undefined) {
    const message = `metadata.generateName: from ${generateName}: cannot use generate name with apply; give the object a name`;
    return [{ path: ['metadata', 'generateName'], part: 'key', message }];
  }
  if (name === undefined || name === '')
    return [{ path: ['metadata'], part: 'value', message: 'metadata.name is missing' }];
  if (info?.namespaced === false && namespace !== undefined)
    return [
      {
        path: ['metadata', 'namespace'],
        part: 'key',
        message: `metadata.namespace: a ${info.kind} is in no namespace`,
      },
    ];
  return [];
}

function inNamespace(object: NewObject, info: ResourceInfo): NewObject {
  if (!info.namespaced || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}
