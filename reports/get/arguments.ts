/**
 * What the words on the command line ask for. (kubernetes v1.34.1 cli-runtime/pkg/resource/builder.go
 * ResourceTypeOrNameArgs)
 */
import { GetInputError } from './problem.ts';

/** All objects of some kinds, or some objects by kind and name. */
export type Wanted =
  | { readonly all: readonly string[] }
  | { readonly objects: readonly { readonly kind: string; readonly name: string }[] };

/** `pods`, `pods,services`, `pod a b`, `pod/a service/b`, `pods,services a` as what they ask for. */
export function wantedBy(words: readonly string[]): Wanted {
  const [kinds = '', ...names] = words;
  if (kinds === '') throw new GetInputError('you must specify the type of resource to get, as in `get pods`');
  const slashed = words.filter((word) => word.includes('/'));
  if (slashed.length === words.length) return { objects: words.map(objectOf) };
  if (slashed.length > 0)
    throw new GetInputError(
      `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'get ${slashed[0] ?? ''}' instead of 'get ${kinds} ${slashed[0] ?? ''}')`,
    );
  const types = [...new Set(kinds.split(','))];
  if (names.length === 0) return { all: types };
  return { objects: types.flatMap((kind) => names.map((name) => ({ kind, name }))) };
}

function objectOf(word: string): { readonly kind: string; readonly name: string } {
  const [kind = '', name = '', ...more] = word.split('/');
  if (more.length > 0)
    throw new GetInputError('arguments in resource/name form may not have more than one slash');
  if (kind === '' || name === '' || kind.includes(','))
    throw new GetInputError('arguments in resource/name form must have a single resource and name');
  return { kind, name };
}
