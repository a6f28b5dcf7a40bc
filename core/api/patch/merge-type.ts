/**
 * What patches know of a type: which lists are sets or are merged by keys, which objects are replaced as a whole, and what the
 * Go struct is called. Types of Kubernetes' own kinds come from core/api/generated (merge-type-of-kind.ts), those of
 * custom resources from their structural schema (structural-merge-type.ts).
 */
import { isFields, type Tree } from './tree.ts';

export type Scalar = 'string' | 'numeric' | 'boolean' | 'untyped';

export interface ScalarType {
  readonly is: 'scalar';
  readonly scalar: Scalar;
}

export interface ListType {
  readonly is: 'list';
  readonly atomic: boolean;
  /** What identifies an item of a list that is not atomic; none for a set of scalars. */
  readonly keys: readonly string[];
  readonly of: () => MergeType;
}

export interface MapType {
  readonly is: 'map';
  readonly atomic: boolean;
  /** The struct's name in Go; undefined for a map. */
  readonly goName?: string | undefined;
  readonly field: (name: string) => FieldType | undefined;
  /** The type of every other key; undefined where no other key is allowed. */
  readonly of: (() => MergeType) | undefined;
}

/** A value of any form. Inside an atomic one everything is atomic. */
export interface DeducedType {
  readonly is: 'deduced';
  readonly atomic: boolean;
}

export type MergeType = ScalarType | ListType | MapType | DeducedType;

export interface FieldType {
  readonly type: MergeType;
  /** How a strategic merge patch treats it, and the key by which it merges a list. */
  readonly strategy?: 'merge' | 'replace' | undefined;
  readonly retainKeys?: boolean | undefined;
  readonly mergeKey?: string | undefined;
  /** What stands for the field where it is a key of a list and absent. */
  readonly default?: Tree | undefined;
}

export const deduced: DeducedType = { is: 'deduced', atomic: false };
const atomicDeduced: DeducedType = { is: 'deduced', atomic: true };
const untyped: ScalarType = { is: 'scalar', scalar: 'untyped' };
const noField = (): undefined => undefined;

/** The form a value takes of its type: a deduced type becomes what the value is. */
export function formOf(type: MergeType, value: Tree | undefined): ScalarType | ListType | MapType {
  if (type.is !== 'deduced') return type;
  if (Array.isArray(value)) return { is: 'list', atomic: true, keys: [], of: () => atomicDeduced };
  if (isFields(value) || value === null || value === undefined) {
    const inner = type.atomic ? atomicDeduced : deduced;
    return { is: 'map', atomic: type.atomic, field: noField, of: () => inner };
  }
  return untyped;
}

/** The type of a key of a map or of a field of a struct; undefined where the key is not allowed. */
export const typeAt = (map: MapType, name: string): MergeType | undefined =>
  map.field(name)?.type ?? map.of?.();
