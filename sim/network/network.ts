/**
 * How long messages travel. Latency is drawn per link and message number of the sender, so it does not depend on what
 * other senders do. Requests may overtake one another; a stream's events never do (the loop sees to that).
 */
import { purposeOf, type Purpose, type Seed } from '../../core/random/draw.ts';
import {
  sampleTable,
  tabulate,
  type Distribution,
  type SampledDistribution,
} from '../../core/random/distribution.ts';
import type { Duration } from '../../core/time/time.ts';

/** Latency of each kind of link, one way. */
export interface NetworkSpec {
  readonly clientToApiserver: Distribution;
  readonly apiserverToEtcd: Distribution;
  /** A commit on etcd's disk, before it answers. */
  readonly etcdCommit: Distribution;
}

interface Link {
  readonly purpose: Purpose;
  readonly latency: SampledDistribution;
}

export interface Network {
  readonly clientToApiserver: Link;
  readonly apiserverToEtcd: Link;
  readonly etcdCommit: Link;
}

export function newNetwork(seed: Seed, spec: NetworkSpec): Network {
  const link = (name: keyof NetworkSpec): Link => ({
    purpose: purposeOf(seed, `latency/${name}`),
    latency: tabulate(spec[name]),
  });
  return {
    clientToApiserver: link('clientToApiserver'),
    apiserverToEtcd: link('apiserverToEtcd'),
    etcdCommit: link('etcdCommit'),
  };
}

/** The latency of the `count`-th message between two processes. */
export function latency(link: Link, from: number, to: number, count: number): Duration {
  return sampleTable(link.latency, link.purpose, from * 0x10_0000 + to, count);
}
