/** Which Pods of a node a drain takes away, and what it says of the others (kubernetes v1.34.1 staging/src/k8s.io/kubectl/pkg/drain/filters.go). */
import { controllerOf } from '../../api/object.ts';
import type { Pod } from '../../api/generated/types.ts';
import { isMirror, isTerminal } from '../../api/pod.ts';
import type { Status } from '../../api/request.ts';
import type { Duration } from '../../time/time.ts';

/** The flags of `kubectl drain`. */
export interface DrainOptions {
  /** `--ignore-daemonsets` */
  readonly ignoreDaemonSets: boolean;
  /** `--force`: also Pods that nobody would make again. */
  readonly force: boolean;
  /** `--delete-emptydir-data` */
  readonly deleteEmptyDirData: boolean;
  /** `--grace-period`; undefined: what each Pod says. */
  readonly gracePeriodSeconds: number | undefined;
  /** `--timeout`; 0: for ever. */
  readonly timeout: Duration;
  /** `--pod-selector` */
  readonly podSelector: string;
}

/** Whether a Pod goes, and what is said of it. */
export interface Verdict {
  readonly goes: boolean;
  readonly say?: { readonly as: 'warning' | 'error'; readonly text: string } | undefined;
}

const goes: Verdict = { goes: true };
const warned = (text: string, leaves: boolean): Verdict => ({ goes: leaves, say: { as: 'warning', text } });
const refused = (text: string): Verdict => ({ goes: false, say: { as: 'error', text } });

/** The DaemonSet that has to be looked up before it is known what becomes of a Pod. */
export function daemonSetOf(pod: Pod): string | undefined {
  const controller = controllerOf(pod);
  return controller?.kind !== 'DaemonSet' || isTerminal(pod) ? undefined : controller.name;
}

/** `missing`: why its DaemonSet was not found. What a later filter says stands for what earlier ones said. */
export function verdictOf(pod: Pod, options: DrainOptions, missing: Status | undefined): Verdict {
  const first = daemonSetVerdict(pod, options, missing);
  if (!first.goes) return first;
  if (isMirror(pod)) return { goes: false };
  if (isTerminal(pod)) return goes;
  if (!options.deleteEmptyDirData && hasLocalStorage(pod))
    return refused('Pods with local storage (use --delete-emptydir-data to override)');
  if (controllerOf(pod) !== undefined) return goes;
  return options.force
    ? warned('deleting Pods that declare no controller', true)
    : refused('cannot delete Pods that declare no controller (use --force to override)');
}

function daemonSetVerdict(pod: Pod, options: DrainOptions, missing: Status | undefined): Verdict {
  if (daemonSetOf(pod) === undefined) return goes;
  if (missing !== undefined)
    return missing.code === 404 && options.force ? goes : refused(missing.message ?? '');
  return options.ignoreDaemonSets
    ? warned('ignoring DaemonSet-managed Pods', false)
    : refused('DaemonSet-managed Pods (use --ignore-daemonsets to ignore)');
}

const hasLocalStorage = ({ spec }: Pod): boolean =>
  (spec.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined);

/** What is said of all of them: each text once, with its Pods. (A real one says the texts in no order) */
export function saidOf(
  judged: readonly { readonly pod: Pod; readonly verdict: Verdict }[],
  as: 'warning' | 'error',
): readonly string[] {
  const texts = new Set(judged.flatMap(({ verdict: { say } }) => (say?.as === as ? [say.text] : [])));
  return [...texts].map((text) => {
    const pods = judged.filter(({ verdict }) => verdict.say?.as === as && verdict.say.text === text);
    const names = pods
      .map(({ pod: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name}`)
      .join(', ');
    const prefix = as === 'warning' || text.toLowerCase().startsWith('cannot delete') ? '' : 'cannot delete ';
    return `${prefix}${text}: ${names}`;
  });
}
