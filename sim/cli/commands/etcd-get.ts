import { etcdGet } from '../../../reports/etcd-get.ts';
import { fileSource } from '../../../reports/trace/source.ts';
import { timeOption, type Format } from '../usage.ts';

export interface EtcdGetFlags {
  readonly prefix?: boolean;
  readonly keysOnly?: boolean;
  readonly at?: string;
  readonly format: Format;
}

/** `wavetank etcd get`: prints what etcd held under a key. */
export function getFromEtcd(key: string, trace: string, flags: EtcdGetFlags): void {
  const at = flags.at === undefined ? undefined : timeOption('--at', flags.at);
  const source = fileSource(trace);
  try {
    const { prefix = false, keysOnly = false, format } = flags;
    const { text, notes } = etcdGet(source, { key, prefix, keysOnly, format, at });
    process.stdout.write(text);
    for (const note of notes) process.stderr.write(`${note}\n`);
  } finally {
    source.close();
  }
}
