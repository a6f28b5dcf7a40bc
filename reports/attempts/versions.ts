/** Objects by key and revision, as the writes of a trace left them: what a watch or a list of old showed. */
import type { Json } from '../../core/api/generated/types.ts';
import { mergePatch } from '../../core/api/merge-patch.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { WriteRecord } from '../trace/registry.ts';

interface Version {
  readonly revision: number;
  /** Undefined: it was deleted. */
  readonly object: ApiObject | undefined;
}

export class Versions {
  private readonly byKey = new Map<string, Version[]>();
  /** Pods of one template have one spec: plugins remember what they have worked out of it. */
  private readonly specs = new Map<string, Json>();

  write(record: WriteRecord): void {
    const { key, rev: revision } = record;
    const versions = this.byKey.get(key);
    const before = versions?.at(-1)?.object;
    const version = { revision, object: this.written(record, before) };
    if (versions === undefined) this.byKey.set(key, [version]);
    else versions.push(version);
  }

  private written(record: WriteRecord, before: ApiObject | undefined): ApiObject | undefined {
    if ('delete' in record) return undefined;
    if ('patch' in record) return mergePatch(before ?? {}, record.patch) as ApiObject;
    return this.withSharedSpec(record.put as unknown as ApiObject);
  }

  private withSharedSpec(object: ApiObject): ApiObject {
    if (object.kind !== 'Pod') return object;
    const { spec } = object as ApiObject & { readonly spec: Json };
    const text = JSON.stringify(spec);
    const known = this.specs.get(text);
    if (known !== undefined) return { ...object, spec: known } as ApiObject;
    this.specs.set(text, spec);
    return object;
  }

  /** The object as it was at a revision; of a deleted one, the last that was. */
  at(key: string, revision: number): ApiObject | undefined {
    const versions = this.byKey.get(key);
    const found = versions?.findLast((version) => version.revision <= revision);
    if (found === undefined) return undefined;
    return found.object ?? versions?.findLast((version) => version.revision < found.revision)?.object;
  }

  /** What was there at a revision under a prefix of the registry, in no order. */
  *under(prefix: string, revision: number): Generator<readonly [key: string, object: ApiObject]> {
    for (const [key, versions] of this.byKey) {
      if (!key.startsWith(prefix)) continue;
      const object = versions.findLast((version) => version.revision <= revision)?.object;
      if (object !== undefined) yield [key, object];
    }
  }

  /** Says that nobody will ask for anything before this revision of a key any more. */
  forgetBefore(key: string, revision: number): void {
    const versions = this.byKey.get(key);
    if (versions === undefined) return;
    const kept = versions.findIndex((version) => version.revision >= revision);
    // One older one stays: a deletion shows what was there before it.
    if (kept > 1) versions.splice(0, kept - 1);
  }
}
