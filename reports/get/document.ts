/** Objects in full or in part: YAML, JSON, names, paths. Unless one was asked for by name, they are the items of a List. */
import type { Json } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { customColumnsText } from './custom-columns.ts';
import { jsonText } from './go-text.ts';
import { yamlText } from './go-yaml.ts';
import { filled } from './json-path-template.ts';
import type { Output } from './output.ts';

export interface DocumentOptions {
  /** One object was asked for by its name. */
  readonly single: boolean;
  readonly noHeaders?: boolean;
  readonly showManagedFields?: boolean;
}

/** The objects as text. */
export function documentText(
  output: Exclude<Output, { readonly as: 'table' }>,
  objects: readonly ApiObject[],
  options: DocumentOptions,
): string {
  switch (output.as) {
    case 'name':
      return objects.map((object) => `${nameOf(object)}\n`).join('');
    case 'custom-columns':
      return customColumnsText(output.columns, objects, options.noHeaders === true);
    case 'jsonpath':
      return filled(output.template, documentOf(objects, options.single));
    case 'yaml':
      return yamlText(documentOf(objects.map(shown(options)), options.single));
    case 'json':
      return `${jsonText(documentOf(objects.map(shown(options)), options.single), '    ')}\n`;
  }
}

/** `pod/web`, `deployment.apps/web`. */
function nameOf({ apiVersion, kind, metadata }: ApiObject): string {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : `.${apiVersion.slice(0, slash)}`;
  return `${kind.toLowerCase()}${group}/${metadata.name}`;
}

function documentOf(objects: readonly ApiObject[], single: boolean): Json {
  const items = objects as unknown as readonly Json[];
  const [only] = items;
  return single && only !== undefined
    ? only
    : { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
}

/** Who manages which fields is only shown to those who ask for it. */
const shown =
  ({ showManagedFields }: DocumentOptions) =>
  (object: ApiObject): ApiObject => {
    if (showManagedFields === true || object.metadata.managedFields === undefined) return object;
    const { managedFields: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  };
