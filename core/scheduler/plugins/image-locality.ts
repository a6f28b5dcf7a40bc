/**
 * Prefers nodes that have the Pod's images already, large ones more, and the less the fewer nodes have them.
 * (kubernetes v1.34.1 plugins/imagelocality/image_locality.go)
 */
import { maxNodeScore, type ScorePlugin } from '../framework.ts';

const mebibyte = 1024 * 1024;
/** Bytes: what is below counts nothing. */
const minThreshold = 23 * mebibyte;
const maxContainerThreshold = 1000 * mebibyte;

interface Wanted {
  readonly images: readonly { readonly image: string; readonly spread: number }[];
  readonly containers: number;
}

export const imageLocality: ScorePlugin<Wanted> = {
  name: 'ImageLocality',
  bySpec: () => true,
  alike: (pod, { imageNodes }) =>
    imageNodes.size === 0 || pod.shape.images.every((image) => imageNodes.get(image) === undefined)
      ? 0
      : undefined,
  preScore(pod, snapshot) {
    const images = pod.shape.images.flatMap((image) => {
      const nodes = snapshot.imageNodes.get(image);
      return nodes === undefined ? [] : [{ image, spread: nodes / snapshot.nodeCount }];
    });
    return { state: { images, containers: pod.shape.images.length } };
  },
  score(_pod, info, { images, containers }) {
    if (images.length === 0) return 0;
    let sum = 0;
    for (const { image, spread } of images) sum += Math.floor((info.images[image] ?? 0) * spread);
    const maxThreshold = maxContainerThreshold * containers;
    const clamped = Math.min(Math.max(sum, minThreshold), maxThreshold);
    return Math.floor((maxNodeScore * (clamped - minThreshold)) / (maxThreshold - minThreshold));
  },
  scoreRows(pod, { columns, rows, count }, wanted, scores) {
    if (wanted.images.length === 0) scores.fill(0, 0, count);
    else
      for (let i = 0; i < count; i++)
        scores[i] = imageLocality.score(pod, columns.nodeAt(rows[i] ?? -1), wanted);
  },
};
