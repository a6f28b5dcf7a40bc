/** Reading files of recorded cases: JSON of a known shape, or one clear error. */
import type * as z from 'zod';

/** The suite or a file cannot be used. The message is complete: it names the file and the place in it. */
export class ConformanceInputError extends Error {
  override readonly name = 'ConformanceInputError';
}

/** The file's content, checked against the schema. */
export function parseCases<Schema extends z.ZodType>(
  text: string,
  fileName: string,
  schema: Schema,
): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConformanceInputError(
      `${fileName}: not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const place = issue === undefined ? '' : placeOf(issue.path);
  throw new ConformanceInputError(
    `${fileName}: ${place === '' ? '' : `${place}: `}${issue?.message ?? 'malformed'}`,
  );
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((place, step) => {
    if (typeof step === 'number') return `${place}[${step}]`;
    return place === '' ? String(step) : `${place}.${String(step)}`;
  }, '');
