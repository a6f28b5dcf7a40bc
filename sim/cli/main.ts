/** `wavetank` as a process: runs the command line and ends with its exit status. */
import { commandLine } from './command-line.ts';
import { failureOf } from './failure.ts';

/** A reader that has heard enough (`| head`) closes the pipe: that is no error. */
function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(process.exitCode ?? 0);
    });
}

endQuietlyWhenNobodyReads();
commandLine()
  .parseAsync()
  .catch((error: unknown) => {
    const { text, status } = failureOf(error);
    if (text !== undefined) process.stderr.write(`${text}\n`);
    process.exitCode = status;
  });
