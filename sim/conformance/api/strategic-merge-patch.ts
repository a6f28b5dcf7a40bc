/**
 * Strategic merge patches: core/api/patch. Compared are the patch between two objects (`twoWay`, also applied again), the patched
 * object or the error's text (`apply`), and the patch of kubectl with its result, or the error's text and kind (`threeWay`).
 */
import type { Json } from '../../../core/api/generated/types.ts';
import type { MapType } from '../../../core/api/patch/merge-type.ts';
import { mergeTypeOfDefinition } from '../../../core/api/patch/merge-type-of-kind.ts';
import { applyStrategicPatch } from '../../../core/api/patch/strategic.ts';
import { createThreeWayPatch, createTwoWayPatch } from '../../../core/api/patch/three-way.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase } from '../family.ts';
import { operationOf, type Answer } from './operation.ts';

export const strategicMergePatchFamily: Family = {
  name: 'strategic-merge-patch',
  *answer(cases) {
    for (const asked of cases) {
      const { op: _, kind, ...recorded } = asked;
      const answer = operationOf(answers, asked, 'strategic merge patches');
      const got = answer(asked, mergeTypeOfDefinition(String(kind)));
      yield { name: nameOf(asked), difference: firstDifference({ ...wantedOf(recorded) }, got) };
    }
  },
};

const nameOf = ({ op, kind, patch }: RecordedCase): string =>
  `${String(op)} ${String(kind)} ${JSON.stringify(patch ?? 'no patch')}`;

/** What the recording answers; the rest of a case is the question. */
function wantedOf({ original, modified, lastApplied, live, overwrite, ...answer }: RecordedCase): Answer {
  const isQuestion = original !== undefined && modified === undefined && lastApplied === undefined;
  const asked = { original, modified, lastApplied, live, overwrite };
  return isQuestion && asked.live === undefined ? { ...answer, patch: undefined } : answer;
}

const document = (value: unknown): Json => (value ?? null) as Json;

const answers: Readonly<Record<string, (asked: RecordedCase, type: MapType) => Answer>> = {
  twoWay: ({ original, modified }, type) => {
    const diff = createTwoWayPatch(document(original), document(modified), type);
    if ('error' in diff) return { error: diff.error };
    const again = applied(original, diff.patch, type);
    const arrived = firstDifference(modified, again['result']) === undefined;
    return { patch: diff.patch, ...(arrived ? {} : { applied: again['result'] }) };
  },
  apply: ({ original, patch }, type) => ({ patch: undefined, ...applied(original, patch, type) }),
  threeWay: ({ lastApplied, modified, live, overwrite }, type) => {
    const diff = createThreeWayPatch(
      document(lastApplied),
      document(modified),
      document(live),
      type,
      overwrite === true,
    );
    if ('patch' in diff) return { patch: diff.patch, ...applied(live, diff.patch, type) };
    const { error: text, about } = diff;
    return { error: { text, conflict: about === 'conflict', precondition: about === 'precondition' } };
  },
};

function applied(original: unknown, patch: unknown, type: MapType): Answer {
  const patched = applyStrategicPatch(document(original), document(patch), type);
  return 'result' in patched ? { result: patched.result } : { error: patched.error };
}
