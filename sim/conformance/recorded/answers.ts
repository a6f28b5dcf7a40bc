/** What deeds were answered: of the recording, and of the run. */
import type { Json } from '../../../core/api/generated/types.ts';
import type { ApiAnswer } from '../../../core/api/request.ts';
import type { Canon } from './canon.ts';
import type { Deed } from './deed.ts';
import type { Outcome } from './golden-runner.ts';
import type { RecordedResponse } from './recording.ts';
import type { Chapter } from './transcript.ts';

/** In the order of the deeds. */
export interface Answered {
  readonly what: string;
  readonly code: number | undefined;
  /** Of a success what kind of object came back, of a failure the Status. */
  readonly content: Json;
}

/** The recorder kept the answers of deletions, evictions and kubectl, and noted when it had waited in vain. */
export const recordedAnswers = (responses: readonly RecordedResponse[]): readonly Answered[] =>
  responses
    .filter(({ what }) => !what.startsWith('TIMEOUT'))
    .map(({ what, status, body, out, ...rest }) => ({
      what: firstWord(what),
      code: status,
      content: out ?? contentOf(body, (rest as { readonly kind?: string }).kind),
    }));

function contentOf(body: Json | undefined, kind: string | undefined): Json {
  if (kind !== undefined) return kind;
  const status = (body ?? {}) as Readonly<Record<string, Json>>;
  return failureOf(status);
}

/** What a Status says. */
function failureOf({ status, reason, message, details }: Readonly<Record<string, unknown>>): Json {
  return JSON.parse(JSON.stringify({ status, reason, message, details })) as Json;
}

/** Answers of the kinds that the recorder kept. */
export function runAnswers(outcomes: readonly Outcome[], deeds: readonly Deed[]): readonly Answered[] {
  return [...outcomes]
    .sort((a, b) => a.deed - b.deed)
    .flatMap(({ deed: index, answer, out }): readonly Answered[] => {
      const deed = deeds[index];
      if (deed === undefined || !isKept(deed)) return [];
      const what = wordOf(deed);
      if (out !== undefined) return [{ what, code: undefined, content: out }];
      return answer === undefined ? [] : [{ what, code: answer.code, content: answered(answer, deed) }];
    });
}

const isKept = (deed: Deed): boolean =>
  deed.do === 'delete' || deed.do === 'evict' || deed.do === 'rollout' || deed.noted === true;

function answered(answer: ApiAnswer, deed: Deed): Json {
  if (!answer.ok) return failureOf(answer.status as unknown as Readonly<Record<string, unknown>>);
  if (deed.do === 'evict') return failureOf({ status: 'Success' });
  return answer.object?.kind ?? 'Status';
}

/** `history`, `undo2`, `undo same revision`: the recorder's words for kubectl vary. */
const firstWord = (what: string): string => /^[a-z]+/.exec(what)?.[0] ?? what;

function wordOf(deed: Deed): string {
  return deed.do === 'rollout' ? deed.verb : deed.do;
}

export const answersChapter = (answers: readonly Answered[], canon: Canon): Chapter => ({
  title: 'Answers',
  order: 'kept',
  lines: answers.map(({ what, code, content }) => ({
    turn: 0,
    text: canon.text(`${what}: ${code === undefined ? '' : `${code} `}${JSON.stringify(content)}`),
  })),
});
