/** Paths as Kubernetes' field.Path prints them: the root is `<nil>`, and a map's key stands in brackets. */

export type FieldPath = string | undefined;

/** What a path is called in an error. */
export const pathText = (path: FieldPath): string => path ?? '<nil>';

export const child = (path: FieldPath, name: string): string =>
  path === undefined ? name : `${path}.${name}`;
export const entry = (path: FieldPath, key: string): string => `${path ?? ''}[${key}]`;
export const element = (path: FieldPath, index: number): string => `${path ?? ''}[${index}]`;
