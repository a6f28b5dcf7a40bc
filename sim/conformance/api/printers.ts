/**
 * Printers: the server-side Table of an object, and kubectl's own text of it, against core/api/printers. Objects get the
 * defaults of their kind first, as they would on their way through an apiserver. Everything recorded is compared:
 * columns (name, type, format, priority), cells and conditions of the rows, the text, the wide text, and the text without headers.
 */
import { withDefaults } from '../../../core/api/defaults.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import { tableOf, type Table } from '../../../core/api/printers/table.ts';
import { tableText } from '../../../core/api/printers/text.ts';
import { parseTimeText, type VirtualTime } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase, Verdict } from '../family.ts';

interface Printed {
  readonly op: string;
  readonly kind: string;
  readonly name?: string;
  readonly in: ApiObject & { readonly items?: readonly object[] };
  readonly columns?: unknown;
  readonly rows?: unknown;
  readonly text: string;
  readonly textWide: string;
  readonly textNoHeaders?: string;
}

export const printersFamily: Family = {
  name: 'printers',
  *answer(cases) {
    let now: VirtualTime = 0;
    for (const recorded of cases)
      if (recorded['op'] === 'now') now = parseTimeText(String(recorded['now'])) ?? 0;
      else yield verdictOn(recorded, now);
  },
};

function verdictOn(recorded: RecordedCase, now: VirtualTime): Verdict {
  const {
    op,
    kind,
    name = '',
    in: object,
    columns,
    rows,
    text,
    textWide,
    textNoHeaders,
  } = recorded as unknown as Printed;
  const about = `${op} ${kind} ${name}`.trimEnd();
  if (op !== 'table' && op !== 'tableText') return { name: about, difference: 'no such question is known' };
  const table =
    op === 'table'
      ? tableOfAll(kind, [object], now)
      : tableOfAll(kind.replace(/List$/, ''), object.items ?? [], now, object.apiVersion);
  if (table === undefined) return { name: about, difference: `${kind} is no kind that is known` };
  const answered = {
    ...(op === 'table'
      ? { columns: table.columns, rows: table.rows.map(({ object: _, ...row }) => row) }
      : {}),
    text: tableText(table),
    textWide: tableText(table, { wide: true }),
    ...(textNoHeaders === undefined ? {} : { textNoHeaders: tableText(table, { noHeaders: true }) }),
  };
  const want = {
    ...(op === 'table' ? { columns, rows } : {}),
    text,
    textWide,
    ...(textNoHeaders === undefined ? {} : { textNoHeaders }),
  };
  return { name: about, difference: firstDifference(want, answered) };
}

/** Items of a list do not say what they are. */
function tableOfAll(
  kind: string,
  items: readonly object[],
  now: VirtualTime,
  apiVersion: string | undefined = undefined,
): Table | undefined {
  const objects = items.map((item) => withDefaults({ apiVersion, kind, ...item } as ApiObject));
  const info = resourceOfKind(objects[0]?.apiVersion ?? 'v1', kind);
  return info === undefined ? undefined : tableOf(info, objects, now);
}
