/** The apiserver suite: what a real kube-apiserver 1.34.1 answered, against core/apiserver over core/etcd. */
import { parseCases } from '../input.ts';
import type { Suite } from '../run.ts';
import { runSequence } from './sequence.ts';
import { sequenceFile } from './sequence-file.ts';

export const apiserverSuite: Suite = {
  name: 'apiserver',
  *run(fileText, fileName) {
    const { sequences } = parseCases(fileText, fileName, sequenceFile);
    for (const sequence of sequences) yield runSequence(sequence);
  },
};
