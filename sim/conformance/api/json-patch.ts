/**
 * JSON patches and JSON merge patches: core/api/patch. Compared are the patched document, or the text of the error and whether
 * it came from reading the patch or from applying it; merge patches between two documents; kubectl's three-way patch for
 * custom resources with its result.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import {
  applyJsonMergePatch,
  createJsonMergePatch,
  createThreeWayJsonPatch,
} from '../../../core/api/patch/json-merge.ts';
import { applyJsonPatch } from '../../../core/api/patch/json-patch.ts';
import { parseJsonPatch } from '../../../core/api/patch/json-patch-text.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase } from '../family.ts';
import { operationOf, type Answer } from './operation.ts';

export const jsonPatchFamily: Family = {
  name: 'json-patch',
  *answer(cases) {
    for (const asked of cases) {
      const answer = operationOf(answers, asked, 'JSON patches');
      yield { name: nameOf(asked), difference: firstDifference(wantedOf(asked), answer(asked)) };
    }
  },
};

const nameOf = ({ op, patch, patchRaw, modified }: RecordedCase): string =>
  `${String(op)} ${text(patchRaw ?? patch ?? modified)}`;

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const document = (value: unknown): Json => (value ?? null) as Json;

/** A computed patch is an answer; a patch that is applied is part of the question. */
function wantedOf({ op, patch, result, error, decodeError, applyError }: RecordedCase): Answer {
  const computed = op === 'threeWayJSON' || op === 'createMergePatch' ? patch : undefined;
  return { patch: computed, result, error, decodeError, applyError };
}

const answers: Readonly<Record<string, (asked: RecordedCase) => Answer>> = {
  jsonPatch: ({ doc, patch }) => {
    const parsed = parseJsonPatch(text(patch));
    if ('error' in parsed) return { decodeError: parsed.error };
    const patched = applyJsonPatch(document(doc), parsed.patch);
    if ('document' in patched) return { result: patched.document };
    return patched.when === 'decode' ? { decodeError: patched.error } : { applyError: patched.error };
  },
  mergePatch: ({ docRaw, patchRaw }) =>
    merged(JSON.parse(text(docRaw)) as Json, JSON.parse(text(patchRaw)) as Json),
  createMergePatch: ({ original, modified }) => ({
    patch: createJsonMergePatch(document(original), document(modified)),
  }),
  threeWayJSON: ({ lastApplied, modified, live }) => {
    const diff = createThreeWayJsonPatch(document(lastApplied), document(modified), document(live));
    return 'patch' in diff
      ? { patch: diff.patch, ...merged(document(live), diff.patch) }
      : { error: diff.error };
  },
};

function merged(target: Json, patch: Json): Answer {
  const patched = applyJsonMergePatch(target, patch);
  return 'document' in patched ? { result: patched.document } : { error: patched.error };
}
