/** Why an apply is refused: fields that others own. (kubernetes v1.34.1 apimachinery/pkg/util/managedfields/internal/conflict.go) */
import type { Status } from '../request.ts';
import { pathsOf, pathText, type FieldSet } from './field-set.ts';
import { byText } from './go-text.ts';
import type { Managed, Managers } from './managed-fields.ts';

/** What each other manager would lose. */
export type Conflicts = ReadonlyMap<string, FieldSet>;

interface Conflict {
  readonly with: string;
  readonly field: string;
}

/** The Status with a cause for each field. Causes come by manager; in the real thing their order is random. */
export function conflictStatus(conflicts: Conflicts, managers: Managers): Status {
  const list = [...conflicts]
    .sort(([a], [b]) => byText(a, b))
    .flatMap(([id, set]) => {
      const managed = managers.get(id);
      const name = managed === undefined ? JSON.stringify(id) : managerText(managed);
      return pathsOf(set).map((path): Conflict => ({ with: name, field: pathText(path) }));
    });
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Apply failed with ${list.length} conflict${list.length === 1 ? '' : 's'}: ${conflictText(list)}`,
    reason: 'Conflict',
    details: {
      causes: list.map(({ with: manager, field }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${manager}`,
        field,
      })),
    },
    code: 409,
  };
}

function conflictText(list: readonly Conflict[]): string {
  const [only] = list;
  if (list.length === 1 && only !== undefined) return `conflict with ${only.with}: ${only.field}`;
  const managers = [...new Set(list.map((conflict) => conflict.with))];
  return managers
    .flatMap((manager) => [
      `conflicts with ${manager}:`,
      ...list.filter((conflict) => conflict.with === manager).map(({ field }) => `- ${field}`),
    ])
    .join('\n');
}

/** `"kubectl" with subresource "status" using v1`; an applier has no version. */
function managerText({ manager, operation, apiVersion, subresource }: Managed): string {
  const name = JSON.stringify(manager);
  const where =
    subresource === undefined || subresource === ''
      ? name
      : `${name} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${where} using ${apiVersion}` : where;
}
