/** Objects as tables, one for each kind. Of several kinds, names say which they are of. */
import type { ChalkInstance } from 'chalk';
import { tableBy } from '../../core/api/printers/table.ts';
import { tableText, type TextOptions } from '../../core/api/printers/text.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import { noColours } from '../terminal.ts';
import type { Found } from './found.ts';
import type { Kind } from './kinds.ts';

export interface TableOptions extends TextOptions {
  /** When ages are counted. */
  readonly now: VirtualTime;
  readonly allNamespaces?: boolean;
  /** @default no colours */
  readonly colours?: ChalkInstance;
}

/** The tables, with an empty line between two unless they have no headers; nothing of a kind without objects. */
export function tablesText(found: readonly Found[], options: TableOptions): string {
  const withKind = new Set(found.map(({ kind }) => kind)).size > 1;
  return found
    .filter(({ objects }) => objects.length > 0)
    .map((each) => oneTable(each, withKind, options))
    .join(options.noHeaders === true ? '' : '\n');
}

function oneTable({ kind, objects }: Found, withKind: boolean, options: TableOptions): string {
  const text = tableText(tableBy(kind.printer, objects, options.now), {
    ...options,
    withNamespace: options.allNamespaces === true && kind.info.namespaced,
    kind: withKind ? qualifiedKind(kind) : undefined,
  });
  return options.noHeaders === true ? text : withBoldHeader(text, options.colours ?? noColours);
}

function withBoldHeader(text: string, colours: ChalkInstance): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : colours.bold(text.slice(0, end)) + text.slice(end);
}

/** `pod`, `deployment.apps`: as kinds stand before names. */
export const qualifiedKind = ({ info: { kind, group } }: Pick<Kind, 'info'>): string =>
  `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
