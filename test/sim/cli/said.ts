/** The command line as a person sees it, in this process. */
import { vi } from 'vitest';
import { commandLine } from '../../../sim/cli/command-line.ts';
import { failureOf } from '../../../sim/cli/failure.ts';

/** All a command prints: lines of standard error behind a `!`, and the exit status at the end where it is not 0. */
export async function said(words: readonly string[]): Promise<string> {
  let text = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += part.toString();
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
    text += `! ${part.toString()}`;
    return true;
  });
  let status = 0;
  try {
    process.exitCode = 0;
    await commandLine().parseAsync(words, { from: 'user' });
    status = process.exitCode;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.text !== undefined) text += `! ${failure.text}\n`;
    ({ status } = failure);
  } finally {
    process.exitCode = undefined;
    out.mockRestore();
    err.mockRestore();
  }
  return status === 0 ? text : `${text}! exit status ${status}\n`;
}

/** The words of a line, as a shell splits them where there are no quotes but single ones. */
export const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
