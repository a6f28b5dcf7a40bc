/** The documents of one file, as values, each able to say where in the file a part of it stands. */
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document as YamlDocument,
  type Node as YamlNode,
  type Tags,
} from 'yaml';
import type { Json } from '../../core/api/generated/types.ts';
import { BadInput, startOf, type Position, type Problem } from '../input/problem.ts';

export type Path = readonly (string | number)[];

/** One document of a file. */
export interface SourceDocument {
  readonly file: string;
  readonly value: Json;
  /** Where the value at `path` begins, or its key; the nearest part that does exist where it does not. */
  at(path: Path, part?: 'key' | 'value'): Position;
  /** Where character `offset` of the text at `path` stands. */
  inText(path: Path, offset: number): Position;
}

/** An alias may bring a document to this many times its size; what grows beyond is an alias bomb. */
const mostAliases = 100;

/**
 * kubectl's YAML is 1.1 without sexagesimal numbers and dates: `yes` is true and `010` is 8, but `12:30` and `2025-01-01`
 * are text (sigs.k8s.io/yaml v1.6.0 goyaml.v2/resolve.go).
 */
export const kubectlTags = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && tag.tag !== 'tag:yaml.org,2002:timestamp'),
  );

/** Reads a stream of documents; empty ones are left out. Throws BadInput with every problem of the file. */
export function readDocuments(file: string, text: string): readonly SourceDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    customTags: kubectlTags,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = documents.flatMap((document) => problemsOf(document, text, place));
  if (problems.length > 0) throw new BadInput(problems);
  const found = documents
    .filter((document) => document.contents !== null && !isNothing(document.contents))
    .map((document) => sourceDocument(file, text, document, place));
  if (found.length === 0)
    throw new BadInput([
      { at: startOf(file), message: 'the file is empty; a manifest or a Scenario was expected' },
    ]);
  return found;
}

const isNothing = (node: YamlNode): boolean => isScalar(node) && node.value === null;

type Place = (offset: number) => Position;

/** The first thing the parser could not read (what follows it is seldom more than an echo), repeated keys, aliases. */
function problemsOf(document: YamlDocument.Parsed, text: string, place: Place): readonly Problem[] {
  const unreadable = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (unreadable !== undefined)
    return [{ at: place(unreadable.pos[0]), message: `broken YAML: ${lowered(unreadable.message)}` }];
  const repeated = document.errors.map((error) => {
    const key = text.slice(error.pos[0]).split(/[\s:]/, 1)[0] ?? '';
    return { at: place(error.pos[0]), message: `${key}: the key is there twice in one mapping` };
  });
  const unknownTags = document.warnings
    .filter((warning) => warning.code === 'TAG_RESOLVE_FAILED')
    .map((warning) => ({ at: place(warning.pos[0]), message: lowered(warning.message) }));
  return [...repeated, ...unknownTags, ...aliasProblems(document, place)];
}

const lowered = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);

function aliasProblems(document: YamlDocument.Parsed, place: Place): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_key, alias, path) {
      const source = alias.resolve(document);
      const at = place(alias.range?.[0] ?? 0);
      if (source === undefined)
        problems.push({ at, message: `*${alias.source}: no anchor &${alias.source} before it` });
      else if (path.includes(source))
        problems.push({ at, message: `*${alias.source}: the anchor contains itself` });
    },
  });
  if (problems.length > 0) return problems;
  try {
    document.toJS({ maxAliasCount: mostAliases });
    return [];
  } catch {
    const at = place(document.contents?.range[0] ?? 0);
    return [
      { at, message: `aliases of aliases would make the document more than ${mostAliases} times its size` },
    ];
  }
}

function sourceDocument(
  file: string,
  text: string,
  document: YamlDocument.Parsed,
  place: Place,
): SourceDocument {
  return {
    file,
    value: document.toJS({ maxAliasCount: mostAliases }) as Json,
    at: (path, part = 'value') => place(walk(document, path, part)?.range?.[0] ?? 0),
    inText(path, offset) {
      const node = walk(document, path, 'value');
      const [start, end] = node?.range ?? [0, 0];
      const value = isScalar(node) && typeof node.value === 'string' ? node.value : '';
      // A block's lines are indented in the file: the line is looked for by itself.
      const lineStart = value.lastIndexOf('\n', offset - 1) + 1;
      const line = value.slice(lineStart).split('\n', 1)[0] ?? '';
      const inside = line === '' ? -1 : text.slice(start, end).indexOf(line);
      return place(inside < 0 ? start : start + inside + offset - lineStart);
    },
  };
}

/** The part of the document that `path` leads to, as far as it leads. */
function walk(document: YamlDocument.Parsed, path: Path, part: 'key' | 'value'): YamlNode | undefined {
  let node: unknown = document.contents;
  for (const [depth, step] of path.entries()) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isSeq(holder)) next = holder.items[Number(step)];
    else if (isMap(holder)) {
      const pair = holder.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      const useKey = (part === 'key' && depth === path.length - 1) || pair?.value === null;
      next = useKey ? pair?.key : pair?.value;
    }
    if (!isNode(next)) break;
    node = next;
  }
  return isNode(node) ? node : undefined;
}
