/**
 * deployment-rollout: series of whole syncs of a Deployment, each after a change by its user and with the status its
 * ReplicaSets had by then. Every write is compared with every field of it, in order, and before each sync the size and
 * the revision of each ReplicaSet. Names of ReplicaSets are compared as the images they stand for, as they were recorded.
 *
 * The recording's apiserver had no resourceVersions: no write of it meets a conflict. Nor does one here.
 */
import type { Deployment, ReplicaSet } from '../../../core/api/generated/types.ts';
import { keyOf } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import { deploymentController } from '../../../core/controllers/deployment.ts';
import { annotation } from '../../../core/controllers/deployment/math.ts';
import { minute, second, timeText, type VirtualTime } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';
import { cachesOf, deploymentOf, granted, metadataOf, templateOf } from './deployment-case.ts';
import { play } from './play.ts';

interface Case {
  readonly name: string;
  readonly initial: Pick<
    Deployment['spec'],
    'progressDeadlineSeconds' | 'replicas' | 'revisionHistoryLimit' | 'strategy'
  > & { readonly image: string };
  readonly steps: readonly Step[];
}

interface Step {
  readonly user: { readonly image?: string; readonly replicas?: number; readonly paused?: boolean };
  readonly before: readonly SetSeen[];
  readonly actions: readonly object[] | null;
}

interface SetSeen {
  readonly rs: string;
  readonly spec: number;
  readonly revision: string;
  readonly replicas: number;
  readonly ready: number;
  readonly available: number;
}

export const deploymentRolloutFamily: Family = {
  name: 'deployment-rollout',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      const want = { ...asked, steps: asked.steps.map((step) => ({ ...step, actions: step.actions ?? [] })) };
      yield {
        name: asked.name,
        difference: firstDifference(want, { ...want, steps: new Rollout(asked.initial).play(asked.steps) }),
      };
    }
  },
};

/** A Deployment and its ReplicaSets, as they are stored from one sync to the next. */
class Rollout {
  private deployment: Deployment;
  private readonly sets = new Map<string, ReplicaSet>();
  private created = 0;

  constructor({ image, ...spec }: Case['initial']) {
    this.deployment = deploymentOf({ ...spec, template: templateOf(image) });
  }

  play(steps: readonly Step[]): readonly Step[] {
    return steps.map(({ user, before }, i) => {
      this.change(user);
      const seen = before.map((set) => this.see(set));
      return { user, before: seen, actions: this.sync(i * second) };
    });
  }

  private change({ image, ...spec }: Step['user']): void {
    const { metadata, spec: known } = this.deployment;
    if (image === undefined && Object.keys(spec).length === 0) return;
    const template = image === undefined ? known.template : templateOf(image);
    this.deployment = {
      ...this.deployment,
      metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 },
      spec: { ...known, ...spec, template },
    };
  }

  /** Gives a ReplicaSet its status, and answers what is known of it. */
  private see({ rs, replicas, ready, available }: SetSeen): SetSeen {
    const set = [...this.sets.values()].find((known) => imageOf(known) === rs);
    if (set === undefined) return { rs: 'none', spec: 0, revision: '', replicas, ready, available };
    const status = { replicas, readyReplicas: ready, availableReplicas: available, observedGeneration: 1 };
    this.sets.set(set.metadata.name, { ...set, status });
    const revision = set.metadata.annotations?.[annotation.revision] ?? '';
    return { rs, spec: set.spec.replicas ?? -1, revision, replicas, ready, available };
  }

  private sync(now: VirtualTime): readonly object[] {
    const known = new Set(this.sets.keys());
    const actions: object[] = [];
    const context = {
      seed: 'conformance',
      caches: cachesOf(['deployments', 'replicasets', 'pods'], {
        deployments: [this.deployment],
        replicasets: [...this.sets.values()],
      }),
      memory: deploymentController.initial,
      now,
    };
    play(deploymentController.sync(context, keyOf(this.deployment)), now, (request) => {
      const answer = this.write(request);
      const action = this.actionOf(request, known);
      if (action !== undefined) actions.push(action);
      if (request.verb === 'delete') this.sets.delete(request.name);
      return answer;
    });
    return actions;
  }

  private write(request: ApiRequest): ApiAnswer {
    if (request.verb === 'create') {
      const made = request.object as unknown as ReplicaSet;
      const { name, annotations, ownerReferences } = made.metadata;
      const metadata = {
        ...metadataOf('ReplicaSet', name),
        creationTimestamp: timeText(this.created++ * minute),
        annotations,
        ownerReferences,
        labels: made.metadata.labels,
      };
      const stored: ReplicaSet = { ...made, metadata, status: { replicas: 0 } };
      this.sets.set(name, stored);
      return { ok: true, code: 201, object: stored };
    }
    if (request.verb === 'update' && request.resource === 'deployments')
      this.deployment = request.object as unknown as Deployment;
    if (request.verb === 'update' && request.resource === 'replicasets')
      this.sets.set(request.name, request.object as unknown as ReplicaSet);
    return granted(request);
  }

  /** A write as it was recorded. */
  private actionOf(request: ApiRequest, known: ReadonlySet<string>): object | undefined {
    const { verb, resource } = request;
    if (verb === 'update' && resource === 'deployments')
      return { verb, resource, subresource: request.subresource, ...this.statusOf(known) };
    if (verb !== 'create' && verb !== 'update' && verb !== 'delete') return undefined;
    const name = verb === 'create' ? request.object.metadata.name : request.name;
    const set = this.sets.get(name ?? '');
    if (set === undefined) return undefined;
    if (verb === 'delete') return { verb, resource, rs: imageOf(set) };
    const { annotations = {} } = set.metadata;
    const history = annotations[annotation.revisionHistory];
    return {
      verb,
      resource,
      rs: imageOf(set),
      spec: set.spec.replicas,
      desiredReplicas: annotations[annotation.desiredReplicas],
      maxReplicas: annotations[annotation.maxReplicas],
      revision: annotations[annotation.revision],
      ...(history === undefined ? {} : { revisionHistory: history }),
    };
  }

  private statusOf(known: ReadonlySet<string>): object {
    const { metadata, status } = this.deployment;
    return {
      revision: metadata.annotations?.[annotation.revision],
      conditions: (status.conditions ?? []).map(
        ({ type, status: is, reason, message }) =>
          `${type}=${is} ${reason ?? ''}: ${this.named(message ?? '', known)}`,
      ),
      status: {
        available: status.availableReplicas ?? 0,
        collisionCount: status.collisionCount ?? null,
        observedGeneration: status.observedGeneration ?? 0,
        ready: status.readyReplicas ?? 0,
        replicas: status.replicas ?? 0,
        unavailable: status.unavailableReplicas ?? 0,
        updated: status.updatedReplicas ?? 0,
      },
    };
  }

  /** The message with images for the names of ReplicaSets; one of this very sync has no name yet. */
  private named(message: string, known: ReadonlySet<string>): string {
    let text = message;
    for (const [name, set] of this.sets)
      text = text.replaceAll(`"${name}"`, known.has(name) ? `"${imageOf(set)}"` : '"<new rs>"');
    return text;
  }
}

const imageOf = ({ spec }: ReplicaSet): string => spec.template?.spec?.containers[0]?.image ?? '';
