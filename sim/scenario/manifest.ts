/** Manifests: which objects a document holds, each with a kind that is known and fields that its kind has. */
import { checkShape, type ShapeProblem } from '../../core/api/schema.ts';
import { definitions } from '../../core/api/generated/schemas.ts';
import type { Json } from '../../core/api/generated/types.ts';
import { resourceOfKind, type ResourceInfo } from '../../core/api/kinds.ts';
import type { NewObject } from '../../core/api/request.ts';
import type { Path, SourceDocument } from './documents.ts';
import { BadInput, shown, suggestion, type Position, type Problem } from './problem.ts';

/** An object that a person wrote, and where. */
export interface Manifest {
  readonly object: NewObject;
  readonly info: ResourceInfo;
  readonly at: Position;
}

/** The objects of a document, or of the part of it at `path`; a `v1` List is the objects in it. */
export function manifestsOf(document: SourceDocument, path: Path = []): readonly Manifest[] {
  const problems: Problem[] = [];
  const manifests = objectsAt(document, path, valueAt(document.value, path), problems);
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
  path: Path,
  value: Json | undefined,
  problems: Problem[],
): readonly Manifest[] {
  if (isFields(value) && value['kind'] === 'List' && value['apiVersion'] === 'v1')
    return itemsOf(document, path, value['items'], problems);
  const found = isScenario(value) ? [misplacedScenario] : problemsOf(value);
  for (const { path: inside, part, message } of found)
    problems.push({ at: document.at([...path, ...inside], part), message });
  if (found.length > 0 || !isFields(value)) return [];
  const object = value as unknown as NewObject;
  const info = resourceOfKind(object.apiVersion, object.kind);
  return info === undefined ? [] : [{ object: inNamespace(object, info), info, at: document.at(path) }];
}

function itemsOf(
  document: SourceDocument,
  path: Path,
  items: Json | undefined,
  problems: Problem[],
): readonly Manifest[] {
  if (Array.isArray(items))
    return items.flatMap((item: Json, index) =>
      objectsAt(document, [...path, 'items', index], item, problems),
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

function problemsOf(value: Json | undefined): readonly Found[] {
  const shape = checkShape(value);
  return shape.length > 0 ? shape.map(withAdvice) : nameProblems(value);
}

/** What `kubectl apply` says before it asks any server. Only for objects of a known kind and shape. */
function nameProblems(value: Json | undefined): readonly Found[] {
  if (!isFields(value)) return [];
  const info = resourceOfKind(String(value['apiVersion']), String(value['kind']));
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
