/** What `-o` says: how objects are written. */
import { nearest } from '../../core/api/nearest.ts';
import { columnsIn, type CustomColumn } from './custom-columns.ts';
import { parseTemplate, type Template } from './json-path-template.ts';
import { GetInputError } from './problem.ts';

export type Output =
  | { readonly as: 'table'; readonly wide: boolean }
  | { readonly as: 'yaml' | 'json' | 'name' }
  | { readonly as: 'jsonpath'; readonly template: Template }
  | { readonly as: 'custom-columns'; readonly columns: readonly CustomColumn[] };

const formats = ['wide', 'yaml', 'json', 'name', 'jsonpath', 'custom-columns'] as const;

/** Reads `wide`, `yaml`, `json`, `name`, `jsonpath=TEMPLATE`, `custom-columns=HEADER:PATH,…`; nothing: a table. */
export function outputOf(text: string | undefined): Output {
  if (text === undefined || text === '') return { as: 'table', wide: false };
  const equals = text.indexOf('=');
  const format = equals < 0 ? text : text.slice(0, equals);
  const argument = equals < 0 ? undefined : text.slice(equals + 1);
  switch (format) {
    case 'wide':
      return { as: 'table', wide: true };
    case 'yaml':
    case 'json':
    case 'name':
      if (argument === undefined) return { as: format };
      break;
    case 'jsonpath':
      if (argument === undefined) throw new GetInputError('template format specified but no template given');
      return { as: 'jsonpath', template: parseTemplate(argument) };
    case 'custom-columns':
      if (argument === undefined || argument === '')
        throw new GetInputError('custom-columns format specified but no custom columns given');
      return { as: 'custom-columns', columns: columnsIn(argument) };
  }
  const meant = nearest(format, formats);
  throw new GetInputError(
    `unable to match a printer suitable for the output format "${text}", allowed formats are: ${formats.join(',')}${meant === undefined || meant === format ? '' : `; did you mean ${meant}?`}`,
  );
}
