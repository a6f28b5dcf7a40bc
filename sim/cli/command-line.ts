/**
 * The command line: commands, their options and their help. What a command needs is loaded when it runs, so that
 * `run` of a small scenario is a matter of a second and help of a tenth.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Command, Option, type OutputConfiguration } from 'commander';
import { durationOption, formats, nodesOption, wordOption, type Format } from './usage.ts';
import type { EtcdGetFlags } from './commands/etcd-get.ts';
import type { ExplainFlags } from './commands/explain.ts';
import type { GetFlags } from './commands/get.ts';
import type { ReplayFlags } from './commands/replay.ts';
import type { RunFlags } from './commands/run.ts';

const exitHelp = `
Exit status: 0 it ran and every expectation held; 1 an expectation failed or the apiserver refused something;
2 bad input or usage.`;

/** The whole command line. Every command throws where others would exit: `failureOf` (failure.ts) says how that ends. */
export function commandLine(output: OutputConfiguration = {}): Command {
  const wavetank = new Command('wavetank')
    .configureOutput(output)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help says what there is)')
    .description('A deterministic discrete-event simulator of a whole Kubernetes cluster.')
    .version(packageVersion(), '-V, --version')
    .helpCommand('help [command]', 'what a command does')
    .addHelpText('after', exitHelp)
    .exitOverride();
  addRun(wavetank);
  addGet(wavetank);
  addReplay(wavetank);
  addExplain(wavetank);
  addEtcd(wavetank);
  addConformance(wavetank);
  return wavetank;
}

const format = (): Option =>
  new Option('--format <format>', 'text or json').default('text').argParser(wordOption(formats));

function addRun(wavetank: Command): void {
  wavetank
    .command('run')
    .description('Run scenario files and plain manifests, and say what became of them.')
    .argument('[files...]', 'scenario files and manifests, YAML or JSON; - is standard input')
    .addOption(
      new Option('--seed <seed>', "instead of the scenario's seed: another seed is other luck").argParser(
        String,
      ),
    )
    .addOption(new Option('--until <duration>', 'end at this virtual time').argParser(durationOption))
    .addOption(
      new Option('--nodes <count>', 'so many nodes of 4 CPUs, 16Gi, 110 Pods').argParser(nodesOption),
    )
    .option('--node-trace <file>', 'nodes from a CSV file: sn,cpu_milli,memory_mib,gpu,model')
    .option('--pod-trace <file>', 'Pods that come and go, from a CSV file in the format of OpenB')
    .option('--scheduler-config <file>', 'the profiles of the scheduler: a KubeSchedulerConfiguration')
    .option('--scheduler-plugin <file>', 'a plugin of your own, in TypeScript; may be given again', gathered)
    .option('--controller <file>', 'a controller of your own, in TypeScript; may be given again', gathered)
    .option('--trace <file>', 'write every event to this file, for replay, explain and etcd get')
    .addOption(
      new Option('--show <what>', 'flow: how the first Pod came to be, message by message').argParser(
        wordOption(['flow']),
      ),
    )
    .addOption(format())
    .addHelpText(
      'after',
      `
Without a Scenario a default cluster of 3 nodes is made. Without a duration a run ends when only background timers
are left, or an hour of virtual time after the last thing that was planned.
${exitHelp}
Example: wavetank run scenarios/pod-creation.yaml --trace run.trace`,
    )
    .action(async (files: readonly string[], flags: RunFlags) => {
      const { run } = await import('./commands/run.ts');
      process.exitCode = await run(files, flags);
    });
}

function addGet(wavetank: Command): void {
  wavetank
    .command('get')
    .description('What kubectl get would have printed at a moment of a run.')
    .usage('[options] KIND [NAME...] TRACE')
    .argument('<words...>', 'as for kubectl: pods; pods,svc; pod a b; pod/a svc/b; all. Then the trace')
    .option('-n, --namespace <namespace>', 'the namespace of the objects', 'default')
    .option('-A, --all-namespaces', 'of every namespace')
    .option(
      '-o, --output <output>',
      'wide, yaml, json, name, jsonpath=TEMPLATE, custom-columns=HEADER:PATH,...',
    )
    .option('-l, --selector <labels>', 'with these labels: app=web,tier!=db', '')
    .option('--field-selector <fields>', 'with these fields: status.phase=Running', '')
    .option('-L, --label-columns <keys>', 'a column for each of these labels', commaSeparated)
    .option('--show-labels', 'a last column with all labels')
    .option('--sort-by <path>', 'in the order of what this path finds: .metadata.creationTimestamp')
    .option('--no-headers', 'rows without the names of columns')
    .option('--show-managed-fields', 'who manages which fields, in yaml and json')
    .option('--ignore-not-found', 'nothing is said of what is not there')
    .option('--at <time>', 'at this virtual time: 12.5s, 5m; the end without it')
    .option('-w, --watch', 'and a line for each change from then on; without --at, from the beginning')
    .option('--until <time>', 'changes up to this virtual time; the end without it')
    .addOption(format())
    .addHelpText(
      'after',
      `
Exit status: 0 it was printed; 1 something that was asked for by name is not there; 2 bad input or usage.
--format json is short for -o json.
Example: wavetank get pods -A -o wide --at 12s run.trace`,
    )
    .action(async (words: readonly string[], flags: GetFlags) => {
      const { getFromTrace } = await import('./commands/get.ts');
      process.exitCode = getFromTrace(words, flags);
    });
}

const gathered = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

const commaSeparated = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(','),
];

function addReplay(wavetank: Command): void {
  wavetank
    .command('replay')
    .description('Play a run in the terminal.')
    .argument('<trace>', 'a file that `wavetank run --trace FILE` has written')
    .option('--at <time>', 'begin at this virtual time: 12.5s, 5m')
    .option('--once', 'print one frame, of that time or of the end, and no more')
    .action(async (trace: string, flags: ReplayFlags) => {
      const { replayTrace } = await import('./commands/replay.ts');
      await replayTrace(trace, flags);
    });
}

function addExplain(wavetank: Command): void {
  wavetank
    .command('explain')
    .description('Why an object is as it is: the causal chain of its life, in order.')
    .argument('<object>', 'KIND/NAME, as in Pod/web')
    .argument('<trace>', 'a file that `wavetank run --trace FILE` has written')
    .option('-n, --namespace <namespace>', 'the namespace of the object')
    .option('--node <name>', 'of a Pod: what every plugin of the scheduler said of this node')
    .option('--full', 'every message on the way')
    .addOption(format())
    .action(async (object: string, trace: string, flags: ExplainFlags) => {
      const { explainObject } = await import('./commands/explain.ts');
      await explainObject(object, trace, flags);
    });
}

function addEtcd(wavetank: Command): void {
  const etcd = wavetank.command('etcd').description('What etcd held at a time of a run.');
  etcd
    .command('get')
    .description('Show a key of the registry, as etcdctl would.')
    .argument('<key>', 'such as /registry/pods/default/')
    .argument('<trace>', 'a file that `wavetank run --trace FILE` has written')
    .option('--prefix', 'every key that begins with the key')
    .option('--keys-only', 'names without values')
    .option('--at <time>', 'at this virtual time: 12.5s, 5m; the end without it')
    .addOption(format())
    .action(async (key: string, trace: string, flags: EtcdGetFlags) => {
      const { getFromEtcd } = await import('./commands/etcd-get.ts');
      getFromEtcd(key, trace, flags);
    });
}

function addConformance(wavetank: Command): void {
  wavetank
    .command('conformance')
    .description('Compare with recorded answers of the real components.')
    .argument('<suite>', 'etcd')
    .argument('<files...>', 'files of recorded cases')
    .addOption(format())
    .action(async (suite: string, files: readonly string[], flags: { readonly format: Format }) => {
      const { conformance } = await import('./commands/conformance.ts');
      process.exitCode = conformance(suite, files, flags.format);
    });
}

/** The version in the nearest package.json above this file, wherever it is bundled to. */
function packageVersion(): string {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/')
    folder = new URL('..', folder);
  const text = readFileSync(new URL('package.json', folder), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
