/**
 * Where a trace's bytes are: a file, which may be far larger than memory, or the lines a run has just written.
 * Everything above reads a source by offset, so that a report can go back to a line it has passed.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface TraceSource {
  /** The file's name, for messages. */
  readonly name: string;
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** A file or a line that no trace can be read from: the command ends with this one message and status 2. */
export class TraceInputError extends Error {
  override readonly name = 'TraceInputError';
  readonly file: string;
  /** Counted from 1; 0 where the file as a whole is meant. */
  readonly line: number;

  constructor(file: string, line: number, problem: string) {
    super(line === 0 ? `${file}: ${problem}` : `${file}:${line}: ${problem}`);
    this.name = 'TraceInputError';
    this.file = file;
    this.line = line;
  }
}

/** Opens a trace file. */
export function fileSource(path: string): TraceSource {
  const fd = opened(path);
  const { size } = fstatSync(fd);
  return {
    name: path,
    size,
    read(offset, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < buffer.length) {
        const count = readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return buffer.subarray(0, filled);
    },
    close: () => {
      closeSync(fd);
    },
  };
}

function opened(path: string): number {
  try {
    const fd = openSync(path, 'r');
    if (fstatSync(fd).isFile()) return fd;
    const what = fstatSync(fd).isDirectory() ? 'is a directory' : 'is not a regular file';
    closeSync(fd);
    throw new TraceInputError(
      path,
      0,
      `${what}; a trace is a file that \`wavetank run --trace FILE\` has written`,
    );
  } catch (error) {
    if (error instanceof TraceInputError) throw error;
    throw new TraceInputError(path, 0, openProblem(error));
  }
}

function openProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return `cannot be read (${code || String(error)})`;
}

/** A trace that is in memory: what a sink has gathered, or a test has written. */
export function memorySource(
  name: string,
  content: string | Uint8Array | readonly Uint8Array[],
): TraceSource {
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : content instanceof Uint8Array
        ? Buffer.from(content)
        : Buffer.concat(content);
  return {
    name,
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    close: () => undefined,
  };
}
