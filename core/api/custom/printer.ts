/** How a custom resource is shown in a Table: its name, and what its definition says. */
import type { ApiObject } from '../object.ts';
import { ageOf } from '../printers/age.ts';
import { nameColumn, type Cell, type Printer } from '../printers/column.ts';
import type { CustomResource } from './custom-resource.ts';
import type { Fields } from './schema.ts';

/** The printer of one version of a custom kind. */
export const customPrinter = ({ columns }: Pick<CustomResource, 'columns'>): Printer => ({
  columns: [nameColumn, ...columns],
  cells: (object: ApiObject, now) => [
    object.metadata.name,
    ...columns.map(({ cell }): Cell => {
      const value = cell(object as unknown as Fields, (time) => ageOf(time, now));
      return typeof value === 'object' ? null : value;
    }),
  ],
});
