/** A user's scheduler plugins: TypeScript or JavaScript files, each with `export const plugin` or `export const plugins`. */
import { otherSchedulers } from '../../core/scheduler/other-schedulers.ts';
import { pointOfMethod, type SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';
import type { LoadedPlugin } from '../cluster/spec.ts';
import { refuse, shown, startOf } from '../input/problem.ts';
import { pluginNames } from './scheduler-config/plugins.ts';
import { moduleAt, type UserFile } from './user-module.ts';

/** Loads the files, in order. Throws BadInput. */
export async function loadPlugins(files: readonly UserFile[]): Promise<readonly LoadedPlugin[]> {
  const loaded: LoadedPlugin[] = [];
  for (const { file, named } of files)
    for (const plugin of pluginsOf(file, await moduleAt({ file, named }))) {
      refuseTaken(file, plugin, loaded);
      loaded.push({ file, plugin });
    }
  return loaded;
}

/** What a module exports as `plugin`, or as `plugins`. */
function pluginsOf(file: string, exported: object): readonly SchedulerPlugin[] {
  const { plugin, plugins } = exported as { plugin?: unknown; plugins?: unknown };
  if (plugin === undefined && plugins === undefined)
    refuse(
      startOf(file),
      'exports no scheduler plugin; expected `export const plugin = { name, … }`, or `plugins` as a list',
    );
  if (plugins !== undefined && !Array.isArray(plugins))
    refuse(startOf(file), `exports ${shown(plugins)} as plugins; expected a list`);
  const all: readonly unknown[] = [
    ...(plugin === undefined ? [] : [plugin]),
    ...((plugins ?? []) as unknown[]),
  ];
  return all.map((each) => checked(file, each));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const methods = [...Object.keys(pointOfMethod), 'configured', 'changed', 'normalize', 'mayHelp'];
const points = Object.keys(pointOfMethod);

function checked(file: string, value: unknown): SchedulerPlugin {
  const fail = (message: string): never => refuse(startOf(file), message);
  if (!isObject(value))
    return fail(`exports ${shown(value)} as a plugin; expected an object with a name and methods`);
  const parts = value as Readonly<Record<string, unknown>>;
  const { name } = parts;
  if (typeof name !== 'string' || name === '')
    return fail(`exports a plugin without a name; expected a text, found ${shown(name)}`);
  const wrong = methods.find((method) => parts[method] !== undefined && typeof parts[method] !== 'function');
  if (wrong !== undefined) fail(`plugin ${name}: ${wrong} is ${shown(parts[wrong])}; expected a function`);
  if (!points.some((method) => parts[method] !== undefined))
    fail(`plugin ${name} takes part nowhere; expected at least one of ${points.join(', ')}`);
  return value as SchedulerPlugin;
}

function refuseTaken(file: string, { name }: SchedulerPlugin, before: readonly LoadedPlugin[]): void {
  const same = before.find(({ plugin }) => plugin.name === name);
  if (same !== undefined)
    refuse(startOf(file), `plugin ${name}: the name is taken by the plugin of ${same.file}`);
  if (pluginNames(otherSchedulers).includes(name))
    refuse(startOf(file), `plugin ${name}: the name is taken by one of the scheduler's own`);
}
