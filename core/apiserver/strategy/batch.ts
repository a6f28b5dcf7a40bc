/** What the server makes of a Job. (kubernetes v1.34.1 pkg/registry/batch/job/strategy.go, generateSelector) */
import type { JobSpec } from '../../api/generated/types.ts';
import type { Fields, Stored } from './stored.ts';

const controllerUid = 'batch.kubernetes.io/controller-uid';
/** A longer name makes labels that validation refuses: such a Job is never read. */
const mostLabelCharacters = 63;
const jobName = 'batch.kubernetes.io/job-name';

/** The labels that tell a Job's Pods from all others, on its template and in its selector, unless it brings its own. */
export function createJob(object: Stored): Stored {
  const spec = object.spec as unknown as JobSpec;
  if (spec.manualSelector === true) return object;
  const { uid } = object.metadata;
  const name = (object.metadata.name as string | undefined) ?? '';
  // What a user wrote there stays, and is refused by validation.
  const labels = {
    [controllerUid]: uid,
    [jobName]: name,
    'controller-uid': uid,
    'job-name': name,
    ...spec.template.metadata?.labels,
  };
  const matchLabels = { [controllerUid]: uid, ...spec.selector?.matchLabels };
  const generated: JobSpec = {
    ...spec,
    selector: { ...spec.selector, matchLabels },
    template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
  };
  // A Job without labels is read with those of its template. (SetDefaults_Job, which is applied to what is stored)
  const isReadable = name.length <= mostLabelCharacters;
  const metadata = {
    ...object.metadata,
    labels: object.metadata.labels ?? (isReadable ? labels : undefined),
  };
  return { ...object, metadata, spec: generated as unknown as Fields };
}
