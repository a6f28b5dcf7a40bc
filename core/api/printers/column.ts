/** Columns and rows of a server-side Table, and the words the printers of kinds are written in. */
import type { ApiObject } from '../object.ts';
import type { VirtualTime } from '../../time/time.ts';
import { ageOf } from './age.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  /** Columns of a higher priority than 0 are only shown where there is room: `-o wide`. */
  readonly priority: number;
}

export type Cell = string | number | boolean | null;

/** What a client may want to know of a row at a glance. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** How objects of a kind are shown. A row has a cell for every column, those for wide output included. */
export interface Printer {
  readonly columns: readonly Column[];
  cells(object: ApiObject, now: VirtualTime): readonly Cell[];
  conditions?(object: ApiObject): readonly RowCondition[] | undefined;
}

interface Shown<T> {
  readonly column: Column;
  readonly cell: (object: T, now: VirtualTime) => Cell;
}

/** A column with what is in it. */
export const text = <T>(name: string, cell: Shown<T>['cell'], of: Partial<Column> = {}): Shown<T> => ({
  column: { name, type: 'string', format: '', priority: 0, ...of },
  cell,
});

export const integer = <T>(name: string, cell: Shown<T>['cell']): Shown<T> =>
  text(name, cell, { type: 'integer' });

export const boolean = <T>(name: string, cell: Shown<T>['cell']): Shown<T> =>
  text(name, cell, { type: 'boolean' });

/** A column for wide output. */
export const wide = <T>(name: string, cell: Shown<T>['cell']): Shown<T> => text(name, cell, { priority: 1 });

export const nameColumn: Column = { name: 'Name', type: 'string', format: 'name', priority: 0 };

export const name: Shown<ApiObject> = { column: nameColumn, cell: ({ metadata }) => metadata.name };

export const age: Shown<ApiObject> = text('Age', ({ metadata }, now) =>
  ageOf(metadata.creationTimestamp, now),
);

/** A printer of these columns. Who calls it with objects of another kind than `T` gets nonsense. */
export function printer<T extends ApiObject>(
  columns: readonly Shown<T>[],
  conditions?: (object: T) => readonly RowCondition[] | undefined,
): Printer {
  return {
    columns: columns.map(({ column }) => column),
    cells: (object, now) => columns.map(({ cell }) => cell(object as T, now)),
    ...(conditions === undefined ? {} : { conditions: (object) => conditions(object as T) }),
  };
}
