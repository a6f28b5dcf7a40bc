import { newEtcd, reduceEtcd } from '../../core/etcd/server.ts';
import { noWatches } from '../../core/etcd/watch.ts';
import { etcdProgram } from '../process/program.ts';

/** etcd's data outlives its process; the streams of its clients do not. */
export const etcd = etcdProgram({
  name: 'etcd',
  kind: 'etcd',
  first: newEtcd(),
  restarted: (state) => ({ ...state, watches: noWatches() }),
  reduce: reduceEtcd,
});
