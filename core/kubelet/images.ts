/**
 * Images on a node: whether one must be pulled, and how long that takes. Pulls of a node run one after another
 * (`serializeImagePulls`, the default), so the end of a pull is known when it is asked for.
 * (kubernetes v1.34.1 pkg/kubelet/images/image_manager.go, puller.go)
 */
import { sample } from '../random/distribution.ts';
import { durationText } from '../time/duration.ts';
import { millisecond, type Duration } from '../time/time.ts';
import { memoryOf, remember, type PodTurn } from './containers.ts';
import type { PlannedContainer } from './plan.ts';
import { defaultTimings, imageOf } from './spec.ts';
import type { Activity } from './state.ts';
import { recordPodEvent } from './turn.ts';

/** What comes of wanting the image of a container. A pull becomes the worker's activity. */
export function ensureImage(
  at: PodTurn,
  index: number,
  planned: PlannedContainer,
): 'present' | 'pulling' | 'never' {
  const { turn, worker } = at;
  const { memory } = turn;
  const present = turn.runtime.images.get(planned.image) === true;
  if (planned.pullPolicy === 'Never' && !present) {
    refuse(at, index, planned);
    return 'never';
  }
  if (planned.pullPolicy !== 'Always' && present) {
    recordPodEvent(turn, worker, planned.fieldPath, planned.says.present);
    return 'present';
  }
  recordPodEvent(turn, worker, planned.fieldPath, planned.says.pulling);
  const startedAt = Math.max(turn.now, memory.pullerFreeAt);
  const until = startedAt + pullTime(at, planned, present || isBeingPulled(at, planned.image));
  memory.pullerFreeAt = until;
  memory.pulling = [...memory.pulling, planned.image];
  const { image } = planned;
  worker.activity = { doing: 'pull', container: index, image, requestedAt: turn.now, startedAt, until };
  return 'pulling';
}

/** An image whose layers are there, or will be when its turn comes, only has its manifest asked for. */
function pullTime(at: PodTurn, planned: PlannedContainer, known: boolean): Duration {
  const { spec, host, now } = at.turn;
  const { luck } = host;
  if (known)
    return sample((spec.timings ?? defaultTimings).imageCheck, luck.pull, at.uid, planned.image, now);
  return sample(imageOf(spec.images, planned.image).pull, luck.pull, spec.node.name, planned.image);
}

const isBeingPulled = ({ turn: { memory, now } }: PodTurn, image: string): boolean =>
  memory.pullerFreeAt > now && memory.pulling.includes(image);

/** The worker does not wait for the image any more: it is there, or the Pod is to end. */
export function waitsNoMore({ turn: { memory } }: PodTurn, image: string): void {
  const at = memory.pulling.indexOf(image);
  memory.pulling = memory.pulling.filter((_, index) => index !== at);
}

function refuse(at: PodTurn, index: number, planned: PlannedContainer): void {
  const memory = memoryOf(at, index);
  if (memory.waiting !== undefined) return;
  const message = `Container image "${planned.image}" is not present with pull policy of Never`;
  remember(at, index, { ...memory, waiting: { reason: 'ErrImageNeverPull', message } });
  recordPodEvent(at.turn, at.worker, planned.fieldPath, {
    type: 'Warning',
    reason: 'ErrImageNeverPull',
    message,
  });
}

/** The size that is told of an image whose size was not given. */
const defaultSizeBytes = 50_000_000;

/** A pull is over: the image is on the node. */
export function pulled(
  at: PodTurn,
  planned: PlannedContainer,
  pull: Activity & { readonly doing: 'pull' },
): void {
  const { turn } = at;
  const { orphans, images, lastAddress } = turn.runtime;
  turn.runtime = { orphans, images: images.set(planned.image, true), lastAddress };
  waitsNoMore(at, pull.image);
  const took = wholeMilliseconds(pull.until - pull.startedAt);
  const waited = wholeMilliseconds(pull.until - pull.requestedAt);
  const size = imageOf(turn.spec.images, planned.image).sizeBytes ?? defaultSizeBytes;
  const inAll = durationText(waited);
  const alone = took === waited ? inAll : durationText(took);
  const text = `Successfully pulled image "${planned.image}" in ${alone} (${inAll} including waiting). Image size: ${size} bytes.`;
  recordPodEvent(turn, at.worker, planned.fieldPath, {
    type: 'Normal',
    reason: 'Pulled',
    message: text,
  });
}

const wholeMilliseconds = (duration: Duration): Duration => Math.floor(duration / millisecond) * millisecond;
