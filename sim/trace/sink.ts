import { closeSync, openSync, writeSync } from 'node:fs';

/** Where a trace goes: it gets whole lines, in blocks. */
export interface TraceSink {
  write(block: Uint8Array): void;
  close(): void;
}

/** A file, written as the run goes on: what a run that was cut off has written is a trace up to there. */
export function fileSink(path: string): TraceSink {
  const descriptor = openSync(path, 'w');
  return {
    write(block) {
      for (let written = 0; written < block.length;) written += writeSync(descriptor, block, written);
    },
    close() {
      closeSync(descriptor);
    },
  };
}
