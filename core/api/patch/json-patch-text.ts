/** The text of a JSON patch, read as the apiserver reads it. */
import type { Json } from '../generated/types.ts';
import { parseJson } from './json-text.ts';
import { isFields } from './tree.ts';

/**
 * The patch that the text says, or the words of Go's JSON package for text that is no JSON. A tested number that is not written as Go
 * writes it (`1.0`) becomes NaN, which equals nothing: the library compares numbers by their text.
 */
export function parseJsonPatch(text: string): { readonly patch: Json } | { readonly error: string } {
  const parsed = parseJson(text, Number);
  if ('error' in parsed) return parsed;
  const tested = parseJson(text, (literal) =>
    String(Number(literal)) === literal ? Number(literal) : Number.NaN,
  );
  const { value: patch } = parsed;
  if (!Array.isArray(patch) || 'error' in tested || !Array.isArray(tested.value)) return { patch };
  const strict = tested.value as readonly Json[];
  return {
    patch: (patch as readonly Json[]).map((operation, i) =>
      isFields(operation) && operation['op'] === 'test' ? (strict[i] ?? null) : operation,
    ),
  };
}
