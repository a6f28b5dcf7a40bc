/** How a command that could not do its work ends: what is said, and the exit status. */
import { CommanderError } from 'commander';

/** 0: it ran and every expectation held; 1: one failed, or something was refused; 2: bad input or usage. */
export const exitStatus = { held: 0, failed: 1, badInput: 2, interrupted: 130, terminated: 143 } as const;

/** Errors of what a person gave, by name: their rooms are not loaded just to recognise them. */
const placed = new Set(['BadInput', 'TraceInputError', 'ConformanceInputError']);
const unplaced = new Set([
  'UsageError',
  'PluginFailure',
  'ControllerFailure',
  'UnknownObjectError',
  'GetInputError',
]);

interface Failure {
  /** Nothing where it was said already. */
  readonly text: string | undefined;
  readonly status: number;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError)
    return { text: undefined, status: error.exitCode === 0 ? exitStatus.held : exitStatus.badInput };
  if (!(error instanceof Error)) return { text: `error: ${String(error)}`, status: exitStatus.failed };
  const { name } = error;
  if (placed.has(name)) return { text: error.message, status: exitStatus.badInput };
  if (unplaced.has(name)) return { text: `error: ${error.message}`, status: exitStatus.badInput };
  const where =
    process.env['WAVETANK_DEBUG'] === undefined
      ? ' (WAVETANK_DEBUG=1 shows where)'
      : `\n${error.stack ?? ''}`;
  return { text: `internal error: ${error.message}${where}`, status: exitStatus.failed };
}
