/** Differing chapters as a person reads them: the recording on the left, the run on the right, `!` where they differ. */
import type { ComparedChapter, Row } from './compare.ts';

const columnWidth = 78;
/** Lines of agreement that are shown around a difference. */
const context = 1;
const mostRows = 60;

export function sideBySide(chapters: readonly ComparedChapter[]): string {
  const lines: string[] = [];
  for (const { title, rows } of chapters) {
    if (rows.every(({ agrees }) => agrees)) continue;
    lines.push(`${title}`.padEnd(columnWidth + 8) + '| wavetank');
    const near = rows.filter((_, i) =>
      rows.slice(Math.max(0, i - context), i + context + 1).some(({ agrees }) => !agrees),
    );
    for (const row of near.slice(0, mostRows)) lines.push(...rowLines(row));
    if (near.length > mostRows) lines.push(`… and ${near.length - mostRows} more`);
  }
  return lines.join('\n');
}

function rowLines({ turn, recorded, run, agrees }: Row): readonly string[] {
  const left = chunks(recorded ?? '');
  const right = chunks(run ?? '');
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const margin = i === 0 ? `${agrees ? ' ' : '!'} [${turn}] ` : '      ';
    return `${margin.padEnd(8)}${(left[i] ?? '').padEnd(columnWidth)}| ${right[i] ?? ''}`.trimEnd();
  });
}

function chunks(text: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += columnWidth - 2) found.push(text.slice(at, at + columnWidth - 2));
  return found.length === 0 ? [''] : found;
}
