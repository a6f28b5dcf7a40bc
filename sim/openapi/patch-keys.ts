/**
 * The text of core/api/generated/patch-keys.ts: what the OpenAPI document says of how lists and objects merge, for strategic
 * merge patches and for server-side apply. Names of definitions are those of generated/schemas.ts.
 */

interface MergeFacts {
  readonly type?: string;
  readonly $ref?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, MergeFacts>>;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
}

/**
 * Defaults that stand in for an absent key of a list's items. The Go types carry them (`+default="TCP"`); version 2 of the
 * OpenAPI document leaves defaults out. (kubernetes v1.34.1 staging/src/k8s.io/api/core/v1/types.go)
 */
const keyDefaults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'io.k8s.api.core.v1.ContainerPort': { protocol: 'TCP' },
  'io.k8s.api.core.v1.ServicePort': { protocol: 'TCP' },
};

/** The module's text: every definition that says something of merging, by its short name. */
export function patchKeysModule(
  definitions: Readonly<Record<string, MergeFacts>>,
  all: readonly string[],
  nameOf: (full: string) => string,
): string {
  const rows = all.flatMap((full) => {
    const row = rowOf(full, definitions[full] ?? {}, nameOf(full));
    return row === undefined ? [] : [`  ${nameOf(full)}: ${row},`];
  });
  return `/** How a field merges; a list of which nothing is said is replaced as a whole. */
export interface FieldMerge {
  /** The patch strategies of its Go tag. */
  readonly strategy?: string;
  /** The merge key of a strategic merge patch. */
  readonly key?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  /** What identifies an item, for server-side apply. */
  readonly keys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
}

export interface DefinitionMerge {
  /** Its name in Go, where generated/schemas.ts has another. */
  readonly goName?: string;
  /** The object is owned and replaced as a whole. */
  readonly atomic?: true;
  /** What stands for an absent field that is a key of a list. */
  readonly defaults?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, FieldMerge>>;
}

export const patchKeys: Readonly<Record<string, DefinitionMerge>> = {
${rows.join('\n')}
};
`;
}

function rowOf(full: string, schema: MergeFacts, name: string): string | undefined {
  const goName = full.split('.').at(-1) ?? full;
  const fields = Object.entries(schema.properties ?? {}).flatMap(([field, facts]) => {
    const merge = mergeOf(facts);
    return merge === undefined ? [] : [`'${field}': ${merge}`];
  });
  const defaults = Object.entries(keyDefaults[full] ?? {}).map(([field, value]) => `'${field}': '${value}'`);
  const parts = [
    ...(goName === name ? [] : [`goName: '${goName}'`]),
    ...(schema['x-kubernetes-map-type'] === 'atomic' ? ['atomic: true'] : []),
    ...(defaults.length === 0 ? [] : [`defaults: { ${defaults.join(', ')} }`]),
    ...(fields.length === 0 ? [] : [`fields: { ${fields.join(', ')} }`]),
  ];
  return parts.length === 0 ? undefined : `{ ${parts.join(', ')} }`;
}

function mergeOf(facts: MergeFacts): string | undefined {
  const strategy = facts['x-kubernetes-patch-strategy'];
  const key = facts['x-kubernetes-patch-merge-key'];
  const listType = facts['x-kubernetes-list-type'];
  const keys = facts['x-kubernetes-list-map-keys'];
  const mapType = facts['x-kubernetes-map-type'];
  const parts = [
    ...(strategy === undefined ? [] : [`strategy: '${strategy}'`]),
    ...(key === undefined ? [] : [`key: '${key}'`]),
    ...(listType === undefined ? [] : [`listType: '${listType}'`]),
    ...(keys === undefined ? [] : [`keys: [${keys.map((name) => `'${name}'`).join(', ')}]`]),
    ...(mapType === undefined ? [] : [`mapType: '${mapType}'`]),
  ];
  return parts.length === 0 ? undefined : `{ ${parts.join(', ')} }`;
}
