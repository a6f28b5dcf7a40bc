/** A Pod of a Job. (kubernetes v1.34.1 pkg/controller/job, manageJob and indexed_job_utils.go) */
import type { Container, Job, Pod, PodTemplateSpec } from '../../api/generated/types.ts';
import type { CreateRequest } from '../../api/request.ts';
import { ownerReferenceTo } from '../replica-kind.ts';
import { create } from '../requests.ts';
import { judgeFailure } from './failure-policy.ts';
import {
  completionIndexKey,
  failureCountKey,
  failureCountOf,
  hasLimitPerIndex,
  ignoredFailureCountKey,
  ignoredFailureCountOf,
  trackingFinalizer,
} from './pod-state.ts';

/** The request for a Pod of an index (of none, where the Job is not Indexed) that takes the place of `failed`. */
export function podRequest(job: Job, index: number | undefined, failed: Pod | undefined): CreateRequest {
  const { name, namespace } = job.metadata;
  const { template } = job.spec;
  const { labels, annotations, finalizers = [] } = template.metadata ?? {};
  const metadata = {
    generateName: index === undefined ? `${name}-` : indexedPrefix(name, index),
    namespace,
    labels: index === undefined ? labels : { ...labels, [completionIndexKey]: `${index}` },
    annotations:
      index === undefined
        ? annotations
        : {
            ...annotations,
            [completionIndexKey]: `${index}`,
            ...(hasLimitPerIndex(job) ? failureCounts(job, failed) : {}),
          },
    finalizers: finalizers.includes(trackingFinalizer) ? finalizers : [...finalizers, trackingFinalizer],
    ownerReferences: [ownerReferenceTo(job)],
  };
  const spec = index === undefined ? template.spec : indexedSpec(template, `${name}-${index}`);
  return create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec });
}

/** A generated name keeps five characters of 63 for its end; a longer one would lose the index. */
const longestName = 63;
const generatedCharacters = 5;

function indexedPrefix(name: string, index: number): string {
  const end = `-${index}-`;
  return `${name.slice(0, longestName - generatedCharacters - end.length)}${end}`;
}

function failureCounts(job: Job, failed: Pod | undefined): Readonly<Record<string, string>> {
  if (failed === undefined) return { [failureCountKey]: '0' };
  const { counts } = judgeFailure(job.spec.podFailurePolicy, failed);
  const failures = failureCountOf(failed) + (counts ? 1 : 0);
  const ignored = ignoredFailureCountOf(failed) + (counts ? 0 : 1);
  return {
    [failureCountKey]: `${failures}`,
    ...(ignored > 0 ? { [ignoredFailureCountKey]: `${ignored}` } : {}),
  };
}

function indexedSpec({ spec }: PodTemplateSpec, hostname: string): PodTemplateSpec['spec'] {
  if (spec === undefined) return undefined;
  const { initContainers, containers } = spec;
  return {
    ...spec,
    hostname,
    containers: containers.map(withIndexVariable),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndexVariable) }),
  };
}

const indexVariable = 'JOB_COMPLETION_INDEX';

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${completionIndexKey}']` };
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef } }] };
}
