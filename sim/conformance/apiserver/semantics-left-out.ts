/** Bodies without what the comparison leaves out: what controllers keep, and what differs from run to run. */
import type { ApiObject } from '../../../core/api/object.ts';

export interface TableBody {
  readonly columnDefinitions: readonly Readonly<Record<string, unknown>>[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: ApiObject }[];
}

/** A Table without the descriptions of its columns, the owners of its objects, and how old they are. */
export function withoutAges({ columnDefinitions, rows, ...body }: TableBody): unknown {
  const age = columnDefinitions.findIndex(({ name }) => name === 'Age');
  return {
    ...body,
    columnDefinitions: columnDefinitions.map((column) => ({ ...column, description: undefined })),
    rows: rows.map(({ cells, object }) => ({
      cells: cells.map((cell, i) => (i === age ? 'its age' : cell)),
      object: withoutOthers(object as unknown as Readonly<Record<string, unknown>>),
    })),
  };
}

/** As JSON, without the fields that have no value. */
export const plain = (value: unknown): unknown =>
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);

const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'];

/** Without what the comparison leaves to others. */
export function withoutOthers(body: Readonly<Record<string, unknown>>): unknown {
  const { kind, metadata, spec, status } = body as {
    readonly kind?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly status?: unknown;
  };
  const { managedFields: _, annotations, resourceVersion, ...rest } = metadata ?? {};
  const kept = Object.entries((annotations ?? {}) as Readonly<Record<string, string>>).filter(
    ([name]) => !name.startsWith('deployment.kubernetes.io/'),
  );
  return {
    ...body,
    ...(metadata !== undefined && {
      metadata: {
        ...rest,
        ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
        ...(resourceVersion !== undefined && resourceVersion !== '' && { resourceVersion }),
      },
    }),
    ...(kind === 'Pod' && spec !== undefined && { spec: withoutToken(spec) }),
    ...(workloads.includes(kind ?? '') ? { status: undefined } : status === undefined ? {} : { status }),
  };
}

/** A Pod that was read before it was sent back has the volume of its token too. */
export function withoutItsToken(body: unknown): unknown {
  const { kind, spec } = (body ?? {}) as {
    readonly kind?: string;
    readonly spec?: Readonly<Record<string, unknown>>;
  };
  return kind === 'Pod' && spec?.['volumes'] !== undefined
    ? plain({ ...(body as object), spec: withoutToken(spec) })
    : body;
}

/** A Pod's spec without the volume of the service account's token. */
function withoutToken(spec: Readonly<Record<string, unknown>>): unknown {
  const isToken = ({ name = '' }: { readonly name?: string }): boolean => name.startsWith('kube-api-access-');
  const without = (list: unknown): unknown => {
    const rest = ((list ?? []) as readonly { readonly name?: string }[]).filter((item) => !isToken(item));
    return rest.length === 0 ? undefined : rest;
  };
  const containers = spec['containers'] as readonly Readonly<Record<string, unknown>>[] | undefined;
  return {
    ...spec,
    volumes: without(spec['volumes']),
    containers: containers?.map((container) => ({
      ...container,
      volumeMounts: without(container['volumeMounts']),
    })),
  };
}
