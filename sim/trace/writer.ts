/**
 * Writes and hashes the trace, line by line, as the run goes on. The hash is over the bytes of the file, whether or
 * not anybody keeps the file.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Json } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdEvent } from '../../core/etcd/message.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import type { Message } from '../process/message.ts';
import { JsonBytes } from './json-bytes.ts';
import { writeEvent, writeExplanation } from './line.ts';
import { writeCommit } from './record.ts';
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
  /** Lines that have not been hashed yet. */
  private readonly pending = new JsonBytes(2 * blockLength);

  constructor(sink: TraceSink | undefined, from?: WriterState) {
    this.sink = sink;
    this.hasher = from === undefined ? createHash('sha256') : from.hash.copy();
  }

  /** A line of the header. */
  line(text: string): void {
    this.pending.text(text);
    this.endLine();
  }

  event(at: VirtualTime, cause: number, process: number, message: Message): void {
    writeEvent(this.pending, at, cause, process, message);
    this.endLine();
  }

  commit(event: EtcdEvent<ApiObject>): void {
    writeCommit(this.pending, event);
    this.endLine();
  }

  explanation(what: string, resource: string, key: string, detail: Json): void {
    writeExplanation(this.pending, what, resource, key, detail);
    this.endLine();
  }

  private endLine(): void {
    this.pending.ascii('\n');
    if (this.pending.length >= blockLength) this.flush();
  }

  private flush(): void {
    const block = this.pending.written();
    if (block.length === 0) return;
    this.hasher.update(block);
    // Whoever keeps the block is given one of his own.
    this.sink?.write(block.slice());
    this.pending.clear();
  }

  /** The hash of all lines so far, hexadecimal. */
  hash(): string {
    return this.hasher.copy().update(this.pending.written()).digest('hex');
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
