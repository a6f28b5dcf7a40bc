import type { Environment } from '@marcbachmann/cel-js';

/** `sets.contains(…)`: to the library `sets` is a constant, and contains() a method of its type. */
export function registerNamespace(environment: Environment, name: string, type: string): void {
  class Namespace {
    readonly name = name;
  }
  environment.registerType(type, Namespace).registerConstant(name, type, new Namespace());
}
