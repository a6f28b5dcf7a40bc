/** A scheduling attempt as lines: what the filters said, what the plugins gave, and one node's verdict where asked for. */
import type { NodeVerdict, Rejected, ScoredNode } from '../../core/scheduler/evaluation.ts';
import type { AttemptTold } from './attempts.ts';

/** The lines below the step of an attempt. */
export function attemptLines(told: AttemptTold): readonly string[] {
  const lines = [headLine(told)];
  if (told.message !== undefined) lines.push(told.message);
  lines.push(...rejectionLines(told.rejected));
  if (told.node !== undefined) return [...lines, '', ...verdictLines(told.node, told)];
  lines.push(...scoreLines(told));
  return lines;
}

function headLine({ attempt, nodes, evaluated, feasible, preFilter, nominatedFirst }: AttemptTold): string {
  const head = `attempt ${attempt}: `;
  if (preFilter !== undefined) return `${head}rejected by ${preFilter} before a node was looked at`;
  if (nominatedFirst) return `${head}it was nominated to this node, and no other was looked at`;
  const searched = nodes === evaluated ? '' : ` (of ${nodes} in the cluster)`;
  return `${head}filter: ${feasible} of ${evaluated} ${evaluated === 1 ? 'node' : 'nodes'}${searched} pass`;
}

function rejectionLines(rejected: readonly Rejected[]): readonly string[] {
  return aligned(
    rejected.map(({ plugin, reason, nodes }) => [`${nodes}`, `× ${plugin}`, reason]),
    ['right', 'left', 'left'],
  );
}

/** A row for each plugin; of each node what it gave, what that became when normalised, and times its weight. */
function scoreLines({ chosen, feasible, scored, nominatedFirst }: AttemptTold): readonly string[] {
  if (scored.length === 0)
    return chosen !== undefined && feasible === 1 && !nominatedFirst ? ['one node passed: no scores'] : [];
  return table(scored, (node) => (node === chosen ? `${node} ← chosen` : node));
}

function table(scored: readonly ScoredNode[], titleOf: (node: string) => string): readonly string[] {
  const [first] = scored;
  if (first === undefined) return [];
  const body = first.plugins.map(({ plugin, weight }, row) => [
    plugin,
    `×${weight}`,
    ...scored.map(({ plugins }) => {
      const { raw = 0, normalized = 0, weighted = 0 } = plugins[row] ?? {};
      return [`${raw}`, `${normalized}`, `${weighted}`];
    }),
  ]);
  const heads = ['raw', 'normalised', 'weighted'];
  const widths = scored.map((_, at) =>
    heads.map((head, column) =>
      Math.max(head.length, ...body.map((row) => (row[at + 2]?.[column] ?? '').length)),
    ),
  );
  const cells = (of: (at: number) => readonly string[]): readonly string[] =>
    scored.map((_, at) =>
      of(at)
        .map((text, column) => text.padStart(widths[at]?.[column] ?? 0))
        .join('  '),
    );
  const total = (at: number): readonly string[] => ['', '', `${scored[at]?.total ?? 0}`];
  const rows = [
    ['', '', ...scored.map(({ node }) => titleOf(node))],
    ['plugin', 'weight', ...cells(() => heads)],
    ...body.map(([plugin = '', weight = '', ...nodes]) => [
      plugin as string,
      weight as string,
      ...cells((at) => (nodes[at] ?? []) as readonly string[]),
    ]),
    ['total', '', ...cells(total)],
  ];
  return aligned(rows, ['left', 'right', ...scored.map(() => 'left' as const)], '  │ ');
}

const outcomes: Readonly<Record<NodeVerdict['outcome'], string>> = {
  absent: 'there was no such node',
  rejected: 'rejected',
  unseen: 'not looked at: enough nodes had passed before it',
  feasible: 'passed every filter',
  chosen: 'chosen',
};

function verdictLines(verdict: NodeVerdict, { feasible }: AttemptTold): readonly string[] {
  const { node, outcome, filters, nominated, score, rank } = verdict;
  const place = rank === 0 ? '' : `, ${rank}. of ${feasible} by its score`;
  const lines = [`${node}: ${outcomes[outcome]}${place}`];
  if (nominated.length > 0) lines.push(`counted as if there: ${nominated.join(', ')}`);
  lines.push(
    ...aligned(
      filters.map(({ plugin, verdict: what, code, reasons }) => [
        plugin,
        what === 'rejects' ? (code ?? '') : what,
        reasons.join(', '),
      ]),
      ['left', 'left', 'left'],
    ),
  );
  if (score !== undefined) lines.push(...table([score], () => node));
  return lines;
}

/** Rows with their columns in line. */
function aligned(
  rows: readonly (readonly string[])[],
  sides: readonly ('left' | 'right')[],
  between = '  ',
): readonly string[] {
  const widths = sides.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return sides[column] === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(between)
      .trimEnd(),
  );
}
