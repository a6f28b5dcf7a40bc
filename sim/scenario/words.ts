/** The words that the schemas of files are made of: each knows what it allows and says so where it is not met. */
import * as z from 'zod';
import { isQuantity } from '../../core/text/quantity.ts';
import type { Distribution } from '../../core/random/distribution.ts';
import { parseDuration } from '../../core/time/duration.ts';
import type { Duration } from '../../core/time/time.ts';
import { shown } from '../input/problem.ts';

/** A mapping with these fields and no others. For unknown ones the message is the list of those allowed. */
export function fields<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? allowed.join(' ')
        : `expected a mapping with ${allowed.join(', ')}`,
  });
}

const isNotNegative = 'must not be negative';

/** `30s`, `5m`, `1h30m`: a duration of Go, never negative. */
export const duration = z
  .union([z.string(), z.literal(0)], {
    error: (issue) => `expected a duration such as 30s, 5m or 1h30m, found ${shown(issue.input)}`,
  })
  .transform((given, context): Duration => {
    const text = String(given);
    const value = parseDuration(text);
    if (value !== undefined && value >= 0) return value;
    const message =
      value === undefined
        ? `expected a duration such as 30s, 5m or 1h30m, found ${shown(text)}`
        : `${isNotNegative}, found ${text}`;
    context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  });

export const positive = duration.refine((value) => value > 0, { error: 'must be more than nothing' });

export const oneOf = <const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> =>
  z.enum(words, {
    error: (issue) => `expected ${words.map(quoted).join(', ')}, found ${shown(issue.input)}`,
  });

const quoted = (word: string): string => (word.includes(',') ? `"${word}"` : word);

export const truth = z.boolean({ error: (issue) => `expected true or false, found ${shown(issue.input)}` });

export const text = z.string({ error: (issue) => `expected text, found ${shown(issue.input)}` });
export const name = text.min(1, { error: 'must not be empty' });

export const whole = (least: number, most = 1_000_000): z.ZodNumber =>
  z
    .int({ error: (issue) => `expected a whole number, found ${shown(issue.input)}` })
    .min(least, { error: (issue) => `must be at least ${least}, found ${shown(issue.input)}` })
    .max(most, { error: (issue) => `must be at most ${most}, found ${shown(issue.input)}` });

export const rate = z
  .number({ error: (issue) => `expected a number, found ${shown(issue.input)}` })
  .min(0, { error: (issue) => `${isNotNegative}, found ${shown(issue.input)}` });

export const list = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> =>
  z.array(item, { error: (issue) => `expected a list, found ${shown(issue.input)}` });

export const texts = z.record(z.string(), text, {
  error: (issue) => `expected a mapping of texts, found ${shown(issue.input)}`,
});

const notQuantity = (issue: { readonly input?: unknown }): string =>
  `expected a quantity such as 500m or 16Gi, found ${shown(issue.input)}`;

export const quantity = z
  .union([z.string(), z.number()], { error: notQuantity })
  .transform(String)
  .refine(isQuantity, { error: notQuantity });
export const quantities = z.record(z.string(), quantity, {
  error: (issue) => `expected a mapping of quantities, found ${shown(issue.input)}`,
});

const distributionForms =
  'a duration, {uniform: {min, max}}, {lognormal: {median, p99}} or {exponential: {mean}}';

export const distribution = z
  .union(
    [
      duration,
      fields({
        uniform: fields({ min: duration, max: duration })
          .refine(({ min, max }) => min <= max, { error: 'min must not be above max' })
          .optional(),
        lognormal: fields({ median: positive, p99: positive })
          .refine(({ median, p99 }) => median <= p99, { error: 'p99 must not be below median' })
          .optional(),
        exponential: fields({ mean: duration }).optional(),
      }).refine((forms) => Object.keys(forms).length === 1, {
        error: `expected one of: ${distributionForms}`,
      }),
    ],
    { error: (issue) => `expected ${distributionForms}, found ${shown(issue.input)}` },
  )
  .transform((given): Distribution => {
    if (typeof given === 'number') return { kind: 'fixed', value: given };
    if (given.uniform !== undefined) return { kind: 'uniform', ...given.uniform };
    if (given.lognormal !== undefined) return { kind: 'lognormal', ...given.lognormal };
    return { kind: 'exponential', mean: given.exponential?.mean ?? 0 };
  });
