/** A user's controllers: TypeScript or JavaScript files, each with `export const controller` or `export const controllers`. */
import { customKindOf } from '../../core/api/custom/kinds.ts';
import { resourceOfKind, type ResourceInfo } from '../../core/api/kinds.ts';
import type { Kind, OwnController } from '../../core/controllers/own/own-controller.ts';
import { kindsOf, kindText, type LoadedController } from '../../core/controllers/own/own-sync.ts';
import { controllers as registry } from '../../core/controllers/registry.ts';
import { refuse, shown, startOf } from '../input/problem.ts';
import { moduleAt, type UserFile } from './user-module.ts';

/** Loads the files, in order. `kinds` are the custom kinds that the scenario defines. Throws BadInput. */
export async function loadControllers(
  files: readonly UserFile[],
  kinds: readonly ResourceInfo[],
): Promise<readonly LoadedController[]> {
  const loaded: LoadedController[] = [];
  for (const named of files)
    for (const controller of controllersOf(named.file, await moduleAt(named))) {
      refuseTaken(named.file, controller, loaded);
      loaded.push({ file: named.file, controller, kinds: knownKinds(named.file, controller, kinds) });
    }
  return loaded;
}

function controllersOf(file: string, exported: object): readonly OwnController[] {
  const { controller, controllers } = exported as { controller?: unknown; controllers?: unknown };
  if (controller === undefined && controllers === undefined)
    refuse(
      startOf(file),
      'exports no controller; expected `export const controller = { name, for, *reconcile(cluster) { … } }`, or `controllers` as a list',
    );
  if (controllers !== undefined && !Array.isArray(controllers))
    refuse(startOf(file), `exports ${shown(controllers)} as controllers; expected a list`);
  const all: readonly unknown[] = [
    ...(controller === undefined ? [] : [controller]),
    ...((controllers ?? []) as unknown[]),
  ];
  return all.map((each) => checked(file, each));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function checked(file: string, value: unknown): OwnController {
  const fail = (message: string): never => refuse(startOf(file), message);
  if (!isObject(value)) return fail(`exports ${shown(value)} as a controller; expected an object`);
  const { name, owns = [], watches = [], workers = 1, reconcile } = value;
  if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    return fail(
      `exports a controller whose name is ${shown(name)}; expected lower case letters, digits and dashes`,
    );
  if (typeof reconcile !== 'function')
    fail(`controller ${name}: reconcile is ${shown(reconcile)}; expected *reconcile(cluster) { … }`);
  checkKind(fail, name, 'for', value['for']);
  if (!Array.isArray(owns)) fail(`controller ${name}: owns is ${shown(owns)}; expected a list`);
  for (const kind of owns as unknown[]) checkKind(fail, name, 'owns', kind);
  if (!Array.isArray(watches)) fail(`controller ${name}: watches is ${shown(watches)}; expected a list`);
  for (const each of watches as unknown[]) {
    const { kind, marks } = isObject(each) ? each : {};
    checkKind(fail, name, 'watches', kind);
    if (typeof marks !== 'function')
      fail(`controller ${name}: watches: marks is ${shown(marks)}; expected a function`);
  }
  if (typeof workers !== 'number' || !Number.isInteger(workers) || workers < 1)
    fail(`controller ${name}: workers is ${shown(workers)}; expected a whole number above 0`);
  return value as unknown as OwnController;
}

function checkKind(fail: (message: string) => never, name: string, field: string, value: unknown): void {
  const { apiVersion, kind } = isObject(value) ? value : {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    fail(`controller ${name}: ${field}: expected { apiVersion, kind }, found ${shown(value)}`);
}

/** What each kind is: one of Kubernetes' own, or one that a definition of the scenario names. */
function knownKinds(
  file: string,
  controller: OwnController,
  custom: readonly ResourceInfo[],
): LoadedController['kinds'] {
  const known = (kind: Kind): ResourceInfo =>
    resourceOfKind(kind.apiVersion, kind.kind) ??
    customKindOf(custom, kind) ??
    refuse(
      startOf(file),
      `controller ${controller.name}: no kind ${kindText(kind)}: it is not Kubernetes' own, and no CustomResourceDefinition of the scenario defines it`,
    );
  return Object.fromEntries(kindsOf(controller).map((kind) => [kindText(kind), known(kind)]));
}

function refuseTaken(file: string, { name }: OwnController, before: readonly LoadedController[]): void {
  const same = before.find(({ controller }) => controller.name === name);
  if (same !== undefined)
    refuse(startOf(file), `controller ${name}: the name is taken by the controller of ${same.file}`);
  if (registry.some((known) => known.name === name))
    refuse(startOf(file), `controller ${name}: the name is taken by one of kube-controller-manager`);
}
