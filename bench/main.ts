/**
 * `npm run -s bench -- NAME [--format json] [--case CASE]`: runs bench/NAME.ts and prints its figures. Exit status: 0
 * measured, 1 something answered wrong, 2 bad usage.
 */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../core/api/nearest.ts';
import { WrongResult, type Bench } from './frame/bench.ts';
import { CaseFailed, measure, measureApart } from './frame/measure.ts';
import { jsonLine, table, type Measured } from './frame/print.ts';

/** The user asked for something that is not there. */
class UsageError extends Error {}

type Format = 'text' | 'json' | 'figures';

/** The folder of the program that was started: this file may run as part of a bundle. */
const folder = dirname(process.argv[1] ?? '');

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();

async function load(name: string): Promise<Bench> {
  if (!names.includes(name))
    throw new UsageError(`unknown benchmark ${JSON.stringify(name)}: ${hint(name, names)}`);
  const module = (await import(`./${name}.ts`)) as { readonly subject: Bench };
  return module.subject;
}

function hint(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined
    ? `there are ${known.join(', ')}`
    : `did you mean ${near}? There are ${known.join(', ')}`;
}

async function run(
  name: string,
  options: { readonly format: Format; readonly case?: string },
): Promise<void> {
  const subject = await load(name);
  const only = options.case;
  if (options.format === 'text') console.log(`${name}: ${subject.about}\n`);
  if (only === undefined) {
    show(
      subject.cases.flatMap((each) => printed(measureApart(name, each.name), options.format)),
      options.format,
    );
    return;
  }
  const chosen = subject.cases.find((each) => each.name === only);
  const known = subject.cases.map((each) => each.name);
  if (chosen === undefined)
    throw new UsageError(`unknown case ${JSON.stringify(only)}: ${hint(only, known)}`);
  show(printed(await measure(name, chosen), options.format), options.format);
}

/** As JSON the figures are printed as soon as they are known. */
function printed(measured: readonly Measured[], format: Format): readonly Measured[] {
  if (format === 'json') for (const figure of measured) console.log(jsonLine(figure));
  return measured;
}

function show(measured: readonly Measured[], format: Format): void {
  if (format === 'text') console.log(table(measured));
  // What measureApart reads from its child.
  if (format === 'figures') console.log(JSON.stringify(measured));
}

function complain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    console.error(`error: ${error.message}`);
    return 2;
  }
  if (error instanceof WrongResult || error instanceof CaseFailed) {
    console.error(`error: ${error.message}`);
    return 1;
  }
  throw error;
}

const program = new Command('bench')
  .description(`Measures one subject and prints its figures. Benchmarks: ${names.join(', ')}`)
  .argument('<name>', 'the benchmark')
  .addOption(
    new Option('--format <format>', 'a table, or one JSON object a line')
      .choices(['text', 'json', 'figures'])
      .default('text'),
  )
  .option('--case <case>', 'only this case, in this process')
  .exitOverride()
  .action(run);

program.parseAsync().catch((error: unknown) => {
  process.exitCode = complain(error);
});
