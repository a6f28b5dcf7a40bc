/** The apiserver suite: what a real kube-apiserver 1.34.1 answered, against core/apiserver over core/etcd. */
import { parseCases } from '../input.ts';
import type { Suite } from '../run.ts';
import { runSemantics, semanticsFile } from './semantics.ts';
import { runSequence } from './sequence.ts';
import { sequenceFile } from './sequence-file.ts';

export const apiserverSuite: Suite = {
  name: 'apiserver',
  *run(fileText, fileName) {
    // Sequences are in an object with their family; the other file is a list of requests.
    if (/^\s*\[/.test(fileText)) {
      yield* runSemantics(parseCases(fileText, fileName, semanticsFile));
      return;
    }
    const { sequences } = parseCases(fileText, fileName, sequenceFile);
    for (const sequence of sequences) yield runSequence(sequence);
  },
};
