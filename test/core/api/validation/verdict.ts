/** What validation says of objects with their defaults, a line for each error as Kubernetes prints it. */
import { withDefaults } from '../../../../core/api/defaults.ts';
import { errorText } from '../../../../core/api/field-error.ts';
import { resourceOfKind, type ResourceInfo } from '../../../../core/api/kinds.ts';
import type { NewObject } from '../../../../core/api/request.ts';
import { validateCreate, validateStatus, validateUpdate } from '../../../../core/api/validate.ts';

/** A manifest without what every object has: kind, metadata. */
export type Parts = Readonly<Record<string, unknown>>;

/** `apps/v1/Deployment` with the parts given, and metadata that is right. */
export function manifest(type: string, { metadata, ...parts }: Parts): NewObject {
  const slash = type.lastIndexOf('/');
  return {
    apiVersion: type.slice(0, slash),
    kind: type.slice(slash + 1),
    metadata: {
      name: 'a',
      ...(infoOf(type).namespaced ? { namespace: 'default' } : {}),
      ...(metadata ?? {}),
    },
    ...parts,
  } as NewObject;
}

function infoOf(type: string): ResourceInfo {
  const slash = type.lastIndexOf('/');
  const info = resourceOfKind(type.slice(0, slash), type.slice(slash + 1));
  if (info === undefined) throw new Error(`no ${type}`);
  return info;
}

const complete = (type: string, parts: Parts): NewObject => withDefaults(manifest(type, parts));

export const onCreate = (type: string, parts: Parts): readonly string[] =>
  validateCreate(infoOf(type), complete(type, parts)).map(errorText);

export const onUpdate = (type: string, before: Parts, next: Parts): readonly string[] =>
  validateUpdate(infoOf(type), complete(type, next), complete(type, before)).map(errorText);

export const onStatus = (type: string, before: Parts, next: Parts): readonly string[] =>
  validateStatus(infoOf(type), manifest(type, next), manifest(type, before)).map(errorText);
