/**
 * A recorded scenario as a case of the suite `controllers`: it is read, done again, and both transcripts are compared.
 * What was compared is said whether or not they agree.
 */
import { ConformanceInputError } from '../input.ts';
import type { CaseResult, Suite } from '../run.ts';
import { recordedAnswers, runAnswers } from './answers.ts';
import { compared, untilEnd, type ComparedChapter } from './compare.ts';
import { deedsOf, type Deed } from './deed.ts';
import { latenessOf } from './lateness.ts';
import { isRecording, parseRecording, type Recording } from './recording.ts';
import { rerun } from './run.ts';
import { sideBySide } from './side-by-side.ts';
import { impliedDeeds } from './surroundings.ts';
import { transcriptOf, turnsOf } from './transcript.ts';

/** The suite that reads recorded scenarios besides its own files. */
export const withRecordings = (suite: Suite): Suite => ({
  name: suite.name,
  *run(fileText, fileName) {
    if (isRecording(fileText)) yield answerRecording(fileText, fileName);
    else yield* suite.run(fileText, fileName);
  },
});

function answerRecording(text: string, fileName: string): CaseResult {
  const recording = parseRecording(text, fileName);
  const name = recording.scenario;
  const deeds = understood(recording, fileName);
  if (deeds instanceof ConformanceInputError) return { name, passed: false, difference: deeds.message };
  const chapters = comparedChapters(recording, deeds);
  const passed = chapters.every(({ rows }) => rows.every(({ agrees }) => agrees));
  return {
    name,
    passed,
    difference: passed ? undefined : sideBySide(chapters),
    note: noteOf(name, chapters),
  };
}

/** An action that is not understood fails its scenario, and no other. */
function understood(recording: Recording, fileName: string): readonly Deed[] | ConformanceInputError {
  try {
    const told = deedsOf(recording, fileName);
    return [...told, ...impliedDeeds(recording, told)].sort((a, b) => a.at - b.at);
  } catch (error) {
    if (error instanceof ConformanceInputError) return error;
    throw error;
  }
}

function comparedChapters(recording: Recording, deeds: readonly Deed[]): readonly ComparedChapter[] {
  const { end } = recording;
  const turns = turnsOf(deeds);
  const { sightings, outcomes } = rerun(recording, deeds);
  const answers = runAnswers(outcomes, deeds);
  return compared(
    transcriptOf({ sightings: recording.sightings, answers: recordedAnswers(recording.responses) }, deeds),
    transcriptOf({ sightings: untilEnd(sightings, end), answers }, deeds),
    { turns, end, lateness: latenessOf(recording, turns) },
  );
}

/** `b-deployment-create: 102 lines compared: Answers 0, Sizes of Deployment/web 3, …`. */
function noteOf(name: string, chapters: readonly ComparedChapter[]): string {
  const total = chapters.reduce((sum, { rows }) => sum + rows.length, 0);
  const kinds = new Map<string, number>();
  for (const { title, rows } of chapters) {
    const kind = title.split('/')[0] ?? title;
    kinds.set(kind, (kinds.get(kind) ?? 0) + rows.length);
  }
  const parts = [...kinds].filter(([, lines]) => lines > 0).map(([kind, lines]) => `${kind} ${lines}`);
  return `${name}: ${total} lines compared: ${parts.join(', ')}`;
}
