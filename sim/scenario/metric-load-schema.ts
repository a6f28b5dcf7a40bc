/**
 * What a Scenario may say under `load`: what is asked of a workload over time, as the metrics APIs tell it.
 *
 *     load:
 *       - resource: cpu                        # or pods: requests_per_second, object: hits, external: queue_length
 *         of: { kind: Deployment, name: web }  # whose Pods share it; { labels: { app: web } } instead of kind and name
 *         perPod: 20m                          # what each Pod uses besides
 *         most: "1"                            # no Pod uses more; its limit where nothing is said
 *         demand:                              # of all together
 *           - { at: 0s, value: 400m }
 *           - { at: 2m, value: "4", over: 30s }
 */
import { duration, fields, list, name, quantity, texts } from './words.ts';

const point = fields({ at: duration.default(0), value: quantity, over: duration.default(0) });

const demand = list(point)
  .min(1, { error: 'expected at least one point: {at: 0s, value: 400m}' })
  .superRefine((points, context) => {
    for (const [index, { at }] of points.entries()) {
      const before = points[index - 1];
      if (before !== undefined && at < before.at + before.over)
        context.addIssue({
          code: 'custom',
          message: 'the point before it ends later: points are in the order of time',
          path: [index, 'at'],
        });
    }
  });

const sources = ['resource', 'pods', 'object', 'external'] as const;

/** Which fields go with which source. */
const belongs = {
  of: ['resource', 'pods', 'object'],
  container: ['resource'],
  perPod: ['resource', 'pods'],
  most: ['resource', 'pods'],
  labels: ['external'],
  namespace: ['external'],
} as const;

export const load = fields({
  resource: name.optional(),
  pods: name.optional(),
  object: name.optional(),
  external: name.optional(),
  of: fields({
    kind: name.optional(),
    name: name.optional(),
    labels: texts.optional(),
    namespace: name.optional(),
  }).optional(),
  container: name.optional(),
  perPod: quantity.optional(),
  most: quantity.optional(),
  labels: texts.optional(),
  namespace: name.optional(),
  demand,
}).superRefine((given, context) => {
  const named = sources.filter((source) => given[source] !== undefined);
  const [source] = named;
  if (source === undefined || named.length > 1) {
    context.addIssue({ code: 'custom', message: `expected one of ${sources.join(', ')} beside demand` });
    return;
  }
  for (const [field, beside] of Object.entries(belongs))
    if (given[field as keyof typeof belongs] !== undefined && !(beside as readonly string[]).includes(source))
      context.addIssue({ code: 'custom', message: `belongs beside ${beside.join(', ')}`, path: [field] });
  if (source === 'external') return;
  const { of: whose } = given;
  if (whose === undefined)
    context.addIssue({ code: 'custom', message: `of is missing: whose ${given[source] ?? ''} it is` });
  else if (source === 'object' && (whose.kind === undefined || whose.name === undefined))
    context.addIssue({ code: 'custom', message: 'expected kind and name', path: ['of'] });
  else if ((whose.kind === undefined) !== (whose.name === undefined))
    context.addIssue({ code: 'custom', message: 'kind and name go together', path: ['of'] });
  else if ((whose.kind === undefined) === (whose.labels === undefined))
    context.addIssue({ code: 'custom', message: 'expected either kind and name, or labels', path: ['of'] });
});
