/** `-o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName`. (kubernetes v1.34.1 kubectl/pkg/cmd/get/customcolumn.go) */
import { findAll, parseJsonPath, type JsonPath } from '../../core/api/custom/json-path.ts';
import type { Json } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { inColumns } from '../../core/api/printers/text.ts';
import { printed } from './go-text.ts';
import { GetInputError } from './problem.ts';

export interface CustomColumn {
  readonly header: string;
  readonly path: JsonPath;
}

/** Reads the columns. A path may leave out its braces and its first point. */
export const columnsIn = (text: string): readonly CustomColumn[] =>
  text.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0)
      throw new GetInputError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), path: relaxedPath(part.slice(colon + 1)) };
  });

/** `.metadata.name`, `{.metadata.name}`, `metadata.name`. */
export function relaxedPath(text: string): JsonPath {
  const inside = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text);
  const path = inside === null ? undefined : parseJsonPath(`.${inside[1] ?? inside[2] ?? ''}`);
  if (path !== undefined) return path;
  throw new GetInputError(
    `unexpected path string ${JSON.stringify(text)}, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
  );
}

/** The objects, a line each. */
export function customColumnsText(
  columns: readonly CustomColumn[],
  objects: readonly ApiObject[],
  noHeaders: boolean,
): string {
  const lines = objects.map((object) => columns.map(({ path }) => cell(object, path)));
  return inColumns(noHeaders ? lines : [columns.map(({ header }) => header), ...lines]);
}

function cell(object: ApiObject, path: JsonPath): string {
  const found = findAll(object as unknown as Json, path);
  return found.length === 0 ? '<none>' : found.map(printed).join(',');
}
