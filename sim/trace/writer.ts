/**
 * Writes and hashes the trace, line by line, as the run goes on. The hash is over the bytes of the file, whether or
 * not anybody keeps the file.
 */
import { createHash, type Hash } from 'node:crypto';
import type { TraceSink } from './sink.ts';

/** Small enough to stay in the nearest caches from the making of a line to its hashing. */
const blockLength = 8 * 1024;

/** Where a writer is: the hash of all lines so far. What a checkpoint keeps of it. */
export interface WriterState {
  readonly hash: Hash;
}

export class TraceWriter {
  private readonly hasher: Hash;
  private readonly sink: TraceSink | undefined;
  private pending = '';

  constructor(sink: TraceSink | undefined, from?: WriterState) {
    this.sink = sink;
    this.hasher = from === undefined ? createHash('sha256') : from.hash.copy();
  }

  line(text: string): void {
    this.pending += text + '\n';
    if (this.pending.length >= blockLength) this.flush();
  }

  private flush(): void {
    if (this.pending === '') return;
    // Bytes of their own only for a sink: the hash encodes the text as it reads it.
    const block = this.sink === undefined ? this.pending : Buffer.from(this.pending, 'utf8');
    this.pending = '';
    this.hasher.update(block);
    if (typeof block !== 'string') this.sink?.write(block);
  }

  /** The hash of all lines so far, hexadecimal. */
  hash(): string {
    return this.hasher.copy().update(this.pending, 'utf8').digest('hex');
  }

  state(): WriterState {
    this.flush();
    return { hash: this.hasher.copy() };
  }

  close(): void {
    this.flush();
    this.sink?.close();
  }
}
