/**
 * Gives each Node without a range of addresses for its Pods one (kubernetes v1.34.1 pkg/controller/nodeipam/ipam:
 * range_allocator.go and cidrset). The kubelets of a scenario bring theirs along, as behind a cloud provider that
 * allocates it; this is for Nodes that somebody else makes.
 */
import type { ObjectKey } from '../api/object.ts';
import type { Node } from '../api/generated/types.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import {
  done,
  failed,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { patch } from './requests.ts';

/** --cluster-cidr is 10.64.0.0/10, --node-cidr-mask-size 24: blocks of 256 addresses. */
const firstBlock = 64 << 8;
const blockCount = 64 << 8;

interface IpamMemory {
  /** Blocks that are in use, and by which Node. */
  readonly used: OrderedMap<number, string>;
  /** Where the search for a free block begins: a block that was given back is not given out at once. */
  readonly next: number;
}

export const nodeIpamController: Controller<IpamMemory> = {
  name: 'node-ipam-controller',
  userAgent: 'node-controller',
  component: 'cidrAllocator',
  workers: 30,
  follows: ['nodes'],
  initial: { used: OrderedMap.empty(), next: 0 },
  handle,
  sync,
};

function handle(
  { memory }: Context<IpamMemory>,
  { object, before, type, key }: Delta,
): Effects<IpamMemory> | undefined {
  const { podCIDR = '' } = (object as Node).spec;
  if (type !== 'deleted' && podCIDR === '') return { mark: [key] };
  if (type === 'updated' && (before as Node | undefined)?.spec.podCIDR === podCIDR) return undefined;
  const block = blockOf(podCIDR);
  if (block === undefined || (type === 'deleted' && memory.used.get(block) !== key)) return undefined;
  const used = type === 'deleted' ? memory.used.delete(block) : memory.used.set(block, key);
  return { memory: { ...memory, used } };
}

/** The number of a block of the cluster's range; undefined for one outside of it. */
function blockOf(cidr: string): number | undefined {
  const [a, b = '', c = '', rest] = cidr.split('.');
  const block = (Number(b) << 8) + Number(c) - firstBlock;
  return a === '10' && rest === '0/24' && block >= 0 && block < blockCount ? block : undefined;
}

const cidrOf = (block: number): string => `10.${(firstBlock + block) >> 8}.${block & 255}.0/24`;

function* sync({ caches, memory }: Context<IpamMemory>, key: ObjectKey): Sync<IpamMemory> {
  const node = viewOf(caches, 'nodes').objects.get(key);
  if (node === undefined || (node.spec.podCIDR ?? '') !== '') return done;
  const block = freeBlock(memory);
  if (block === undefined) {
    const { name, uid } = node.metadata;
    const message = `Node ${name} status is now: CIDRNotAvailable`;
    const regarding = { kind: 'Node', apiVersion: 'v1', name, uid };
    return {
      failed: true,
      news: [{ regarding, occurrence: { type: 'Normal', reason: 'CIDRNotAvailable', message } }],
    };
  }
  const cidr = cidrOf(block);
  const change = { spec: { podCIDR: cidr, podCIDRs: [cidr] } };
  const { answers } = yield {
    requests: [patch('nodes', node, change)],
    remember: ({ used }) => ({ used: used.set(block, key), next: (block + 1) % blockCount }),
  };
  if (answers[0]?.ok === true) return done;
  const remember = (kept: IpamMemory): IpamMemory => ({ ...kept, used: kept.used.delete(block) });
  return refused(answers[0], 'NotFound') ? { remember } : { ...failed, remember };
}

function freeBlock({ used, next }: IpamMemory): number | undefined {
  for (let i = 0; i < blockCount; i++) {
    const block = (next + i) % blockCount;
    if (!used.has(block)) return block;
  }
  return undefined;
}
