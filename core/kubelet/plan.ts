/**
 * What a Pod's spec means to a kubelet, worked out once for all Pods of one template: they share the list of
 * containers by identity, whichever node each is bound to.
 */
import type { Container, ContainerPort, PodSpec, Probe } from '../api/generated/types.ts';
import { isRestartableInit } from '../api/pod.ts';
import type { Occurrence } from '../client/recorder.ts';
import { bits, bitsAt, purposeOf, type Purpose } from '../random/draw.ts';
import { second, type Duration } from '../time/time.ts';
import { freshContainer, type ContainerMemory } from './state.ts';
import { envNeedsOf, sourceKey, volumeNeedsOf, type Need, type VolumeNeeds } from './sources.ts';

export interface PlannedContainer {
  readonly spec: Container;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly kind: 'init' | 'sidecar' | 'main';
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Where Events say that they belong: `spec.containers{web}`. */
  readonly fieldPath: string;
  readonly startup: Probe | undefined;
  readonly liveness: Probe | undefined;
  readonly readiness: Probe | undefined;
  /** It has one of the three. */
  readonly isProbed: boolean;
  /** What Events say of it, which all Pods of the template share. */
  readonly says: {
    readonly pulling: Occurrence;
    readonly present: Occurrence;
    readonly created: Occurrence;
    readonly started: Occurrence;
  };
  /** Of its preStop hook, where that is a sleep. */
  readonly preStop: Duration;
  /** What its environment comes from. */
  readonly needs: readonly Need[];
}

export interface Plan {
  /** Init containers first, then the others. A container is known by its index here. */
  readonly containers: readonly PlannedContainer[];
  readonly initCount: number;
  /** What is remembered of the containers of a new Pod, and what the runtime has of them. */
  readonly fresh: readonly ContainerMemory[];
  readonly absent: readonly undefined[];
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly gracePeriodSeconds: number;
  readonly hostPorts: readonly ContainerPort[];
  readonly volumes: readonly VolumeNeeds[];
  /** The ConfigMaps and Secrets of all of these, each once. */
  readonly sources: readonly Pick<Need, 'resource' | 'name'>[];
  /** The fields it was made from. */
  readonly from: Pick<
    PodSpec,
    'initContainers' | 'restartPolicy' | 'terminationGracePeriodSeconds' | 'volumes'
  >;
}

const plans = new WeakMap<readonly Container[], Plan>();

export function planOf(spec: PodSpec): Plan {
  const known = plans.get(spec.containers);
  if (known !== undefined && madeFrom(known, spec)) return known;
  const plan = newPlan(spec);
  plans.set(spec.containers, plan);
  return plan;
}

const madeFrom = ({ from }: Plan, spec: PodSpec): boolean =>
  from.initContainers === spec.initContainers &&
  from.restartPolicy === spec.restartPolicy &&
  from.volumes === spec.volumes &&
  from.terminationGracePeriodSeconds === spec.terminationGracePeriodSeconds;

function newPlan(spec: PodSpec): Plan {
  const init = (spec.initContainers ?? []).map((container) =>
    planned(container, isRestartableInit(container) ? 'sidecar' : 'init'),
  );
  const main = spec.containers.map((container) => planned(container, 'main'));
  const containers = [...init, ...main];
  const volumes = volumeNeedsOf(spec);
  return {
    containers,
    initCount: init.length,
    fresh: containers.map(() => freshContainer),
    absent: containers.map(() => undefined),
    restartPolicy:
      spec.restartPolicy === 'Never' || spec.restartPolicy === 'OnFailure' ? spec.restartPolicy : 'Always',
    gracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    hostPorts: spec.containers.flatMap((container) =>
      (container.ports ?? []).filter((port) => (port.hostPort ?? 0) > 0),
    ),
    volumes,
    sources: eachOnce([
      ...volumes.flatMap(({ needs }) => needs),
      ...containers.flatMap(({ needs }) => needs),
    ]),
    from: {
      initContainers: spec.initContainers,
      restartPolicy: spec.restartPolicy,
      terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
      volumes: spec.volumes,
    },
  };
}

function eachOnce(needs: readonly Need[]): Plan['sources'] {
  const keys = needs.map(sourceKey);
  return needs.filter((each, index) => keys.indexOf(sourceKey(each)) === index);
}

function planned(spec: Container, kind: PlannedContainer['kind']): PlannedContainer {
  const { name, image = '' } = spec;
  return {
    spec,
    name,
    image,
    imageId: `${image.split('@')[0] ?? image}@sha256:${hexOf(imageDigests, image)}`,
    kind,
    pullPolicy: pullPolicyOf(spec, image),
    fieldPath: `spec.${kind === 'main' ? 'containers' : 'initContainers'}{${name}}`,
    startup: spec.startupProbe,
    liveness: spec.livenessProbe,
    readiness: spec.readinessProbe,
    isProbed: (spec.startupProbe ?? spec.livenessProbe ?? spec.readinessProbe) !== undefined,
    says: {
      pulling: normal('Pulling', `Pulling image "${image}"`),
      present: normal('Pulled', `Container image "${image}" already present on machine`),
      created: normal('Created', `Created container: ${name}`),
      started: normal('Started', `Started container ${name}`),
    },
    preStop: (spec.lifecycle?.preStop?.sleep?.seconds ?? 0) * second,
    needs: envNeedsOf(spec),
  };
}

const normal = (reason: string, message: string): Occurrence => ({ type: 'Normal', reason, message });

/** The digest of an image is the same in every run and on every node. */
const imageDigests = purposeOf('images', 'digest');

const hexDigits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Where the digits stand while they are made: all that is kept of them is the text. */
const codes = new Array<number>(64).fill(0);

/** 64 hexadecimal digits for a key. Made of character codes: ten times as fast as numbers written to the base 16. */
export function hexOf(purpose: Purpose, ...key: readonly (string | number)[]): string {
  const first = bits(purpose, ...key);
  for (let i = 0; i < 8; i++) {
    const word = bitsAt(purpose, first, i);
    for (let j = 0; j < 8; j++) codes[8 * i + j] = hexDigits[(word >>> (28 - 4 * j)) & 15] ?? 0;
  }
  return String.fromCharCode(...codes);
}

/** As the apiserver defaults it: Always for `latest` and for no tag. */
function pullPolicyOf(spec: Container, image: string): PlannedContainer['pullPolicy'] {
  const policy = spec.imagePullPolicy;
  if (policy === 'Always' || policy === 'IfNotPresent' || policy === 'Never') return policy;
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes('@') || (name.includes(':') && !name.endsWith(':latest')) ? 'IfNotPresent' : 'Always';
}
