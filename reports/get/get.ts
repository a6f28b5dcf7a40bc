/**
 * `wavetank get`: what `kubectl get` would have printed at a moment of a run. The registry of that moment is put together
 * from the trace, the objects are read as an apiserver would have answered, and printed as kubectl prints them.
 * (kubernetes v1.34.1 kubectl/pkg/cmd/get/get.go)
 */
import type { ChalkInstance } from 'chalk';
import type { VirtualTime } from '../../core/time/time.ts';
import { cutOffNote, registryAt } from '../trace/registry-at.ts';
import type { Registry } from '../trace/registry.ts';
import type { TraceSource } from '../trace/source.ts';
import { wantedBy } from './arguments.ts';
import { documentText } from './document.ts';
import { listed, named, namespacePrefix, selectionOf, type Found } from './found.ts';
import type { Kind } from './kinds.ts';
import { outputOf, type Output } from './output.ts';
import { GetInputError } from './problem.ts';
import { inOrderOf } from './sort.ts';
import { tablesText } from './tables.ts';
import { kindsIn, resolved, type Resolved } from './wanted-kinds.ts';

export interface GetOptions {
  /** `pods`, `pods,services`, `pod a b`, `pod/a service/b`, `all`. */
  readonly words: readonly string[];
  /** @default default */
  readonly namespace?: string | undefined;
  readonly allNamespaces?: boolean;
  /** What `-o` says. @default a table */
  readonly output?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Labels that have a column each. */
  readonly labelColumns?: readonly string[];
  readonly showLabels?: boolean;
  /** Objects are in the order of what this path finds in each. @default their names */
  readonly sortBy?: string | undefined;
  readonly noHeaders?: boolean;
  readonly showManagedFields?: boolean;
  readonly ignoreNotFound?: boolean;
  /** What has happened by then; ages are counted then too. @default the end of the trace */
  readonly at?: VirtualTime | undefined;
  /** @default no colours */
  readonly colours?: ChalkInstance;
}

export interface GetAnswer {
  /** For standard output. */
  readonly text: string;
  /** For standard error: what is known before anything is printed, */
  readonly warnings: readonly string[];
  /** and what is said at the end. */
  readonly notes: readonly string[];
  /** Something that was asked for is not there; or the apiserver would have refused to look. */
  readonly failure?: 'notFound' | 'badRequest';
}

/** Prints objects as they were at a moment of a run. */
export function get(source: TraceSource, options: GetOptions): GetAnswer {
  const output = outputOf(options.output);
  const wanted = resolved(source, wantedBy(options.words), options.at);
  checkTogether(options, output, wanted);
  const { registry, last, truncated } = registryAt(source, needlesFor(wanted, options), options.at);
  const answer = answered(registry, wanted, options);
  if ('refused' in answer)
    return {
      text: '',
      warnings: [],
      notes: [`Error from server (BadRequest): ${answer.refused}`],
      failure: 'badRequest',
    };
  const missing = options.ignoreNotFound === true ? [] : answer.missing;
  const text = printed(answer, output, wanted, { ...options, now: options.at ?? last });
  const nothing = output.as === 'table' && text === '' && options.ignoreNotFound !== true;
  return {
    text,
    warnings: [
      ...(truncated ? [cutOffNote(source)] : []),
      ...kindsIn(wanted).flatMap(({ warning }) => (warning === undefined ? [] : [`Warning: ${warning}`])),
    ],
    notes: [
      ...(nothing && missing.length === 0 ? [absence(wanted, options)] : []),
      ...missing.map((message) => `Error from server (NotFound): ${message}`),
    ],
    ...(missing.length > 0 ? { failure: 'notFound' } : {}),
  };
}

/** Refuses what cannot be asked for in one command. */
export function checkTogether(
  { labelSelector = '', fieldSelector = '', allNamespaces, showLabels }: GetOptions,
  output: Output,
  wanted: Resolved,
): void {
  if (showLabels === true && output.as !== 'table')
    throw new GetInputError(`--show-labels option cannot be used with ${output.as} printer`);
  if ('all' in wanted) return;
  if (labelSelector !== '' || fieldSelector !== '')
    throw new GetInputError('name cannot be provided when a selector is specified');
  if (allNamespaces === true && wanted.objects.some(({ kind }) => kind.info.namespaced))
    throw new GetInputError('a resource cannot be retrieved by name across all namespaces');
}

/** What the lines have that say what became of objects that are wanted, and of their namespace. */
export function needlesFor(wanted: Resolved, { namespace = 'default' }: GetOptions): readonly string[] {
  const prefixes = kindsIn(wanted).map(({ info }) => info.registryPrefix);
  if ('objects' in wanted && namespace !== 'default') prefixes.push(namespacePrefix);
  return [...new Set(prefixes)].map((prefix) => `"key":"${prefix}`);
}

interface Answer {
  readonly found: readonly Found[];
  readonly missing: readonly string[];
}

function answered(
  registry: Registry,
  wanted: Resolved,
  options: GetOptions,
): Answer | { readonly refused: string } {
  const { namespace = 'default', allNamespaces, labelSelector = '', fieldSelector = '' } = options;
  if ('objects' in wanted) return answeredByName(registry, wanted.objects, namespace);
  const found: Found[] = [];
  for (const kind of wanted.all) {
    const within = allNamespaces === true ? undefined : namespace;
    const selection = selectionOf(kind, within, labelSelector, fieldSelector);
    if ('error' in selection) return { refused: selection.error };
    found.push({ kind, objects: listed(registry, kind, selection) });
  }
  return { found, missing: [] };
}

/** Objects of one kind that follow one another stand together. */
function answeredByName(
  registry: Registry,
  wanted: readonly { readonly kind: Kind; readonly name: string }[],
  namespace: string,
): Answer {
  const found: Found[] = [];
  const missing: string[] = [];
  for (const { kind, name } of wanted) {
    const object = named(registry, kind, namespace, name);
    const last = found.at(-1);
    if ('missing' in object) missing.push(object.missing);
    else if (last?.kind === kind) found[found.length - 1] = { kind, objects: [...last.objects, object] };
    else found.push({ kind, objects: [object] });
  }
  return { found, missing };
}

function printed(
  { found, missing }: Answer,
  output: Output,
  wanted: Resolved,
  options: GetOptions & { readonly now: VirtualTime },
): string {
  const order = inOrderOf(options.sortBy);
  if (output.as === 'table') {
    const ordered = found.map(({ kind, objects }) => ({ kind, objects: order(objects) }));
    return tablesText(ordered, { ...options, wide: output.wide });
  }
  const objects = order(found.flatMap((each) => each.objects));
  const single = 'objects' in wanted && wanted.objects.length === 1;
  if (objects.length === 0 && (single || (options.ignoreNotFound === true && missing.length > 0))) return '';
  return documentText(output, objects, { ...options, single });
}

function absence(wanted: Resolved, { namespace = 'default', allNamespaces }: GetOptions): string {
  const namespaced = kindsIn(wanted).every(({ info }) => info.namespaced);
  return allNamespaces !== true && namespaced
    ? `No resources found in ${namespace} namespace.`
    : 'No resources found';
}
