/**
 * `wavetank get --watch`: what `kubectl get --watch` would have printed from one moment of a run to another: the objects,
 * and then a line for each change. Something that leaves what was selected is shown as it was last.
 */
import { tableBy } from '../../core/api/printers/table.ts';
import { tableText, type Widths } from '../../core/api/printers/text.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import { cutOffNote, registryAt, writesAfter, type TimedWrite } from '../trace/registry-at.ts';
import { applyWrite, type Registry } from '../trace/registry.ts';
import type { TraceSource } from '../trace/source.ts';
import { wantedBy } from './arguments.ts';
import { documentText } from './document.ts';
import { isSelected, listed, named, selectionOf, type Selection } from './found.ts';
import { checkTogether, needlesFor, type GetAnswer, type GetOptions } from './get.ts';
import type { Kind } from './kinds.ts';
import { outputOf, type Output } from './output.ts';
import { GetInputError } from './problem.ts';
import { resolved, type Resolved } from './wanted-kinds.ts';

export interface WatchOptions extends GetOptions {
  /** Changes up to this time. @default the end of the trace */
  readonly until?: VirtualTime | undefined;
}

/** Prints objects as they were at a moment, and every change of them after it. */
export function watch(source: TraceSource, options: WatchOptions): GetAnswer {
  const output = outputOf(options.output);
  const from = options.at ?? 0;
  const wanted = resolved(source, wantedBy(options.words), options.until);
  checkTogether(options, output, wanted);
  const { kind, name } = onlyOne(wanted);
  const within = options.allNamespaces === true ? undefined : (options.namespace ?? 'default');
  const ofName = name === undefined ? options.fieldSelector : `metadata.name=${name}`;
  const selection = selectionOf(kind, within, options.labelSelector ?? '', ofName ?? '');
  if ('error' in selection) return refused('BadRequest', selection.error);
  const needles = needlesFor(wanted, options);
  const { registry, events, truncated } = registryAt(source, needles, from);
  const found = name === undefined ? undefined : named(registry, kind, within ?? '', name);
  if (found !== undefined && 'missing' in found) return refused('NotFound', found.missing);
  const line = printerOf(kind, output, options);
  const writes = writesAfter(source, needles, events, options.until);
  const texts = [
    line(listed(registry, kind, selection), from),
    ...changesOf(registry, kind, selection, writes).map(({ object, at }) => line([object], at)),
  ];
  const warnings = [
    ...(truncated ? [cutOffNote(source)] : []),
    ...(options.sortBy === undefined ? [] : ['warning: --watch requested, --sort-by will be ignored']),
    ...(kind.warning === undefined ? [] : [`Warning: ${kind.warning}`]),
  ];
  return { text: texts.join(''), warnings, notes: [] };
}

const refused = (reason: 'BadRequest' | 'NotFound', message: string): GetAnswer => ({
  text: '',
  warnings: [],
  notes: [`Error from server (${reason}): ${message}`],
  failure: reason === 'NotFound' ? 'notFound' : 'badRequest',
});

function onlyOne(wanted: Resolved): { readonly kind: Kind; readonly name?: string } {
  const asked: readonly { readonly kind: Kind; readonly name?: string }[] =
    'all' in wanted ? wanted.all.map((kind) => ({ kind })) : wanted.objects;
  const [only, ...more] = asked;
  if (only === undefined || more.length > 0)
    throw new GetInputError(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  return only;
}

interface Change {
  readonly object: ApiObject;
  readonly at: VirtualTime;
}

/** What a watch tells of: what is selected after a write, or was before it. */
function changesOf(
  registry: Registry,
  kind: Kind,
  selection: Selection,
  writes: readonly TimedWrite[],
): readonly Change[] {
  const changes: Change[] = [];
  let now = registry;
  const selected = (key: string): ApiObject | undefined => {
    const entry = now.entries.get(key);
    const object = entry === undefined ? undefined : kind.read(entry.object as unknown as ApiObject);
    return object !== undefined && isSelected(selection, object) ? object : undefined;
  };
  for (const { at, write } of writes) {
    const relevant = write.key.startsWith(kind.info.registryPrefix);
    const before = relevant ? selected(write.key) : undefined;
    now = applyWrite(now, write);
    const object = relevant ? (selected(write.key) ?? before) : undefined;
    if (object !== undefined) changes.push({ object, at });
  }
  return changes;
}

type Print = (objects: readonly ApiObject[], now: VirtualTime) => string;

/** Headers stand above the first row; columns stay in line with what was printed before. */
function printerOf(kind: Kind, output: Output, options: GetOptions): Print {
  if (output.as === 'table') {
    const widths: Widths = [];
    let noHeaders = options.noHeaders === true;
    return (objects, now) => {
      const withNamespace = options.allNamespaces === true && kind.info.namespaced;
      const layout = { ...options, wide: output.wide, noHeaders, withNamespace };
      const text = tableText(tableBy(kind.printer, objects, now), layout, widths);
      noHeaders ||= text !== '';
      return text;
    };
  }
  let printed = 0;
  return (objects) =>
    objects
      .map((object) => {
        const first = printed++ === 0;
        const noHeaders = options.noHeaders === true || !first;
        const between = output.as === 'yaml' && !first ? '---\n' : '';
        return between + documentText(output, [object], { ...options, noHeaders, single: true });
      })
      .join('');
}
