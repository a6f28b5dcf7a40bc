/** What a person with kubectl is told to do, and the single jobs it comes to: one an object. */
import { customKindOf } from '../api/custom/kinds.ts';
import { apiVersionOf, resourceOfKind, type ResourceInfo } from '../api/kinds.ts';
import type { Impersonation, NewObject } from '../api/request.ts';
import type { VirtualTime } from '../time/time.ts';
import type { DrainOptions } from './drain/filter.ts';
import type { TaintChange } from './kubectl-taint.ts';

/** The values of `kubectl delete --cascade`. */
export type Cascade = 'background' | 'foreground' | 'orphan';

export type KubectlAction = {
  readonly at: VirtualTime;
  /** `--as`, `--as-group` */
  readonly impersonation?: Impersonation | undefined;
} & (
  | {
      readonly do: 'apply';
      readonly objects: readonly NewObject[];
      /** `--server-side`, and with `--force-conflicts`. @default the client makes the patch */
      readonly serverSide?: 'yes' | 'force' | undefined;
    }
  | {
      readonly do: 'delete';
      readonly resource: string;
      readonly namespace?: string | undefined;
      readonly name: string;
      readonly gracePeriodSeconds?: number | undefined;
      /** `--cascade`: what becomes of what it owns. @default 'background' */
      readonly cascade?: Cascade | undefined;
    }
  | {
      readonly do: 'scale';
      readonly resource: string;
      readonly namespace?: string | undefined;
      readonly name: string;
      readonly replicas: number;
    }
  | { readonly do: 'cordon' | 'uncordon'; readonly node: string }
  | {
      readonly do: 'taint';
      readonly node: string;
      readonly taints: readonly TaintChange[];
      /** `--overwrite` */
      readonly overwrite: boolean;
    }
  /** One Pod, through its subresource: what a drain does with each. */
  | {
      readonly do: 'evict';
      readonly namespace: string;
      readonly name: string;
      readonly gracePeriodSeconds?: number | undefined;
    }
  /** It takes its time; meanwhile the person does other things. */
  | { readonly do: 'drain'; readonly node: string; readonly options: DrainOptions }
);

/** Which action of the script asked for it, and with which of its objects. */
export interface Asked {
  readonly action: number;
  readonly object: number;
}

export interface Job {
  readonly asked: Asked;
  readonly target: {
    readonly resource: string;
    readonly namespace: string | undefined;
    readonly name: string;
    /** The version its manifest is in, where that is not the only one. */
    readonly version?: string | undefined;
  };
  readonly info: ResourceInfo | undefined;
  readonly object: NewObject | undefined;
  readonly action: QuickAction['do'];
  readonly serverSide: 'yes' | 'force' | undefined;
  readonly replicas: number;
  readonly gracePeriodSeconds: number | undefined;
  readonly cascade: Cascade;
  readonly taints: readonly TaintChange[];
  readonly overwrite: boolean;
  readonly impersonation: Impersonation | undefined;
}

/** Done with at once; the others wait for it. */
type QuickAction = Exclude<KubectlAction, { readonly do: 'drain' }>;

/** The jobs of the action that stands at `index` of the script. `kinds`: those that the script defines. */
export function jobsOf(action: QuickAction, index: number, kinds: readonly ResourceInfo[]): readonly Job[] {
  if (action.do !== 'apply')
    return [
      {
        asked: { action: index, object: 0 },
        target: targetOf(action),
        info: undefined,
        object: undefined,
        action: action.do,
        serverSide: undefined,
        replicas: action.do === 'scale' ? action.replicas : 0,
        gracePeriodSeconds: 'gracePeriodSeconds' in action ? action.gracePeriodSeconds : undefined,
        cascade: (action.do === 'delete' ? action.cascade : undefined) ?? 'background',
        taints: action.do === 'taint' ? action.taints : [],
        overwrite: action.do === 'taint' && action.overwrite,
        impersonation: action.impersonation,
      },
    ];
  const { impersonation, serverSide } = action;
  return action.objects.map((given, place) => {
    const object = inItsNamespace(given, kinds);
    const info = resourceOfKind(object.apiVersion, object.kind) ?? customKindOf(kinds, object);
    const onlyVersion = info === undefined || (!info.custom && apiVersionOf(info) === object.apiVersion);
    const target = {
      resource: info?.resource ?? object.kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name ?? object.metadata.generateName ?? '',
      ...(onlyVersion ? {} : { version: object.apiVersion.slice(object.apiVersion.indexOf('/') + 1) }),
    };
    return {
      asked: { action: index, object: place },
      target,
      info,
      object,
      action: 'apply',
      serverSide,
      replicas: 0,
      gracePeriodSeconds: undefined,
      cascade: 'background',
      taints: [],
      overwrite: false,
      impersonation,
    };
  });
}

function targetOf(action: Exclude<QuickAction, { readonly do: 'apply' }>): Job['target'] {
  switch (action.do) {
    case 'cordon':
    case 'uncordon':
    case 'taint':
      return { resource: 'nodes', namespace: undefined, name: action.node };
    case 'evict':
      return { resource: 'pods', namespace: action.namespace, name: action.name };
    case 'delete':
    case 'scale':
      return { resource: action.resource, namespace: action.namespace, name: action.name };
  }
}

/** kubectl writes the namespace it applies to into what it applies. */
function inItsNamespace(object: NewObject, kinds: readonly ResourceInfo[]): NewObject {
  const info = resourceOfKind(object.apiVersion, object.kind) ?? customKindOf(kinds, object);
  const { namespace, ...metadata } = object.metadata;
  if (info?.namespaced === false) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, namespace: namespace ?? 'default' } };
}
