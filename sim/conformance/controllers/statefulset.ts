/**
 * statefulset: series of whole syncs of a StatefulSet, each after a change by its user and with the Pods that were there
 * by then. Every write to a Pod and the status after each sync are compared, every field of them. Revisions are compared
 * as the images they stand for, as they were recorded. What Parallel does in one sync has no order: there it is sorted.
 */
import type {
  ControllerRevision,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetSpec,
} from '../../../core/api/generated/types.ts';
import { keyOf } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import { ownerReferenceTo } from '../../../core/controllers/replica-kind.ts';
import { statefulSets } from '../../../core/controllers/statefulset.ts';
import { revisionLabel } from '../../../core/controllers/statefulset/plan.ts';
import { templateOf as templateIn } from '../../../core/controllers/statefulset/pods.ts';
import { hour, timeText, type VirtualTime } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';
import { cachesOf, granted, metadataOf, templateOf } from './deployment-case.ts';
import { play } from './play.ts';

interface Case {
  readonly name: string;
  readonly initial: {
    readonly featureMaxUnavailableStatefulSet: boolean;
    readonly image: string;
    readonly ordinalsStart: { readonly start: number } | null;
  } & Pick<StatefulSetSpec, 'minReadySeconds' | 'podManagementPolicy' | 'replicas' | 'updateStrategy'>;
  readonly steps: readonly Step[];
}

interface Step {
  readonly user: { readonly image?: string; readonly replicas?: number; readonly partition?: number };
  readonly pods: readonly PodSeen[] | null;
  readonly actions: readonly Action[] | null;
  readonly status: object;
}

interface PodSeen {
  readonly pod: string;
  readonly image: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly available: boolean;
  readonly terminating: boolean;
}

interface Action {
  readonly verb: string;
  readonly pod: string;
  readonly image: string;
}

export const statefulSetFamily: Family = {
  name: 'statefulset',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      const parallel = asked.initial.podManagementPolicy === 'Parallel';
      const inOrder = (step: Step): Step => ({ ...step, actions: ordered(step.actions ?? [], parallel) });
      const want = { ...asked, steps: asked.steps.map(inOrder) };
      const got = { ...want, steps: new Series(asked.initial).play(asked.steps).map(inOrder) };
      yield { name: asked.name, difference: firstDifference(want, got) };
    }
  },
};

const ordered = (actions: readonly Action[], parallel: boolean): readonly Action[] =>
  parallel ? actions.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) : actions;

const textOf = ({ verb, pod }: Action): string => `${pod} ${verb}`;

/** So late that a Pod which has been ready from the beginning is available, whatever it must be ready for. */
const now: VirtualTime = 24 * hour;

/** A StatefulSet and its revisions, as they are stored from one sync to the next. */
class Series {
  private set: StatefulSet;
  private readonly revisions = new Map<string, ControllerRevision>();
  private readonly controller;

  constructor({ featureMaxUnavailableStatefulSet, image, ordinalsStart, ...spec }: Case['initial']) {
    this.controller = statefulSets({ maxUnavailableStatefulSet: featureMaxUnavailableStatefulSet });
    const template = templateOf(image);
    this.set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadataOf('StatefulSet', 'web'),
      spec: {
        ...spec,
        selector: { matchLabels: template.metadata?.labels },
        serviceName: 'web',
        template,
        ...(ordinalsStart === null ? {} : { ordinals: ordinalsStart }),
      },
      status: { replicas: 0 },
    };
  }

  play(steps: readonly Step[]): readonly Step[] {
    return steps.map(({ user, pods }) => {
      this.change(user);
      const seen = new Map((pods ?? []).map((pod) => [pod.pod, pod]));
      return { user, pods, actions: this.sync(seen), status: this.status() };
    });
  }

  private change({ image, replicas, partition }: Step['user']): void {
    const { metadata, spec } = this.set;
    const { rollingUpdate } = spec.updateStrategy ?? {};
    this.set = {
      ...this.set,
      metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 },
      spec: {
        ...spec,
        ...(image === undefined ? {} : { template: templateOf(image) }),
        ...(replicas === undefined ? {} : { replicas }),
        ...(partition === undefined
          ? {}
          : { updateStrategy: { ...spec.updateStrategy, rollingUpdate: { ...rollingUpdate, partition } } }),
      },
    };
  }

  private sync(seen: ReadonlyMap<string, PodSeen>): readonly Action[] {
    const actions: Action[] = [];
    const context = {
      seed: 'conformance',
      caches: cachesOf(this.controller.follows, {
        statefulsets: [this.set],
        controllerrevisions: [...this.revisions.values()],
        pods: [...seen.values()].map((pod) => this.podOf(pod)),
      }),
      memory: this.controller.initial,
      now,
    };
    play(this.controller.sync(context, keyOf(this.set)), now, (request) => {
      const action = actionOf(request, seen);
      if (action !== undefined) actions.push(action);
      return this.write(request);
    });
    return actions;
  }

  private write(request: ApiRequest): ApiAnswer {
    if (request.verb === 'create' && request.resource === 'controllerrevisions') {
      const made = request.object as unknown as ControllerRevision;
      const metadata = { ...metadataOf('ControllerRevision', made.metadata.name), ...made.metadata };
      this.revisions.set(made.metadata.name, { ...made, metadata });
    }
    if (request.verb === 'update' && request.resource === 'controllerrevisions')
      this.revisions.set(request.name, request.object as unknown as ControllerRevision);
    if (request.verb === 'delete' && request.resource === 'controllerrevisions')
      this.revisions.delete(request.name);
    if (request.verb === 'update' && request.resource === 'statefulsets')
      this.set = request.object as unknown as StatefulSet;
    return granted(request);
  }

  private podOf({ pod, image, phase, ready, available, terminating }: PodSeen): Pod {
    const template = templateOf(image);
    const revision = [...this.revisions].find(([, known]) => imageOf(templateIn(known)) === image);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...metadataOf('Pod', pod),
        labels: {
          ...template.metadata?.labels,
          'statefulset.kubernetes.io/pod-name': pod,
          [revisionLabel]: revision?.[0] ?? '',
        },
        ownerReferences: [ownerReferenceTo(this.set)],
        ...(terminating ? { deletionTimestamp: timeText(now) } : {}),
      },
      spec: { containers: template.spec?.containers ?? [] },
      status: {
        phase,
        conditions: [
          {
            type: 'Ready',
            status: ready ? 'True' : 'False',
            lastTransitionTime: timeText(available ? 0 : now),
          },
        ],
      },
    };
  }

  private status(): object {
    const { status } = this.set;
    return {
      available: status.availableReplicas ?? 0,
      current: status.currentReplicas ?? 0,
      currentRevision: this.imageNamed(status.currentRevision),
      ready: status.readyReplicas ?? 0,
      replicas: status.replicas,
      updateRevision: this.imageNamed(status.updateRevision),
      updated: status.updatedReplicas ?? 0,
    };
  }

  private imageNamed(revision: string | undefined): string | undefined {
    const known = this.revisions.get(revision ?? '');
    return known === undefined ? revision : imageOf(templateIn(known));
  }
}

const imageOf = (template: PodTemplateSpec | undefined): string | undefined =>
  template?.spec?.containers[0]?.image;

/** A write to a Pod as it was recorded. */
function actionOf(request: ApiRequest, seen: ReadonlyMap<string, PodSeen>): Action | undefined {
  const { verb, resource } = request;
  if (resource !== 'pods') return undefined;
  if (verb === 'create') {
    const { metadata, spec } = request.object as unknown as Pod;
    return { verb, pod: metadata.name, image: imageOf({ spec }) ?? '' };
  }
  if (verb !== 'update' && verb !== 'delete') return undefined;
  return { verb, pod: request.name, image: seen.get(request.name)?.image ?? '' };
}
