/**
 * The strategies of Docker Swarm. spread and binpack rank nodes by how full they would be (the shares of cpu and memory
 * in per cent, 100 for what the container does not ask for), and those of one rank by how many containers they have;
 * random takes any. (docker-archive/classicswarm scheduler/strategy/weighted_node.go, spread.go, binpack.go, random.go)
 */
import type { NodeInfo } from '../../node-info.ts';
import type { SchedulerPlugin } from '../../own-plugin.ts';
import type { PodInfo } from '../../pod-info.ts';
import { maxNodeScore } from '../../framework.ts';

/** Behind the point of a raw score: so many containers can be told apart. */
const mostContainers = 10_000;

/** The rank before the point, containers behind it: 126.0003. */
function fullness(pod: PodInfo, { milliCpu, memory, allocatable, pods }: NodeInfo): number {
  const { requests } = pod.shape;
  const cpuShare = share(milliCpu, requests.milliCpu, allocatable.milliCpu);
  const memoryShare = share(memory, requests.memory, allocatable.memory);
  return cpuShare + memoryShare + Math.min(pods.length, mostContainers - 1) / mostContainers;
}

const share = (used: number, asked: number, there: number): number =>
  asked === 0 || there === 0 ? 100 : Math.floor(((used + asked) * 100) / there);

function strategy(name: string, better: (a: number, b: number) => number): SchedulerPlugin {
  return {
    name,
    score: fullness,
    /** The best gets 100, the next 99: only the order counts. */
    normalize(scores, count): void {
      const ranks = [...new Set(scores.subarray(0, count))].sort(better);
      const places = new Map(ranks.map((score, place) => [score, Math.max(0, maxNodeScore - place)]));
      for (let i = 0; i < count; i++) scores[i] = places.get(scores[i] ?? 0) ?? 0;
    },
  };
}

export const swarmSpread = strategy('SwarmSpread', (a, b) => a - b);
export const swarmBinpack = strategy('SwarmBinpack', (a, b) => b - a);

/** Every node is as good as another: among equals the scheduler draws, by the seed, the Pod and the attempt. */
export const swarmRandom: SchedulerPlugin = { name: 'SwarmRandom', score: () => 0 };
