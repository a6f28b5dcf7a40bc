/**
 * The annotation that client-side `kubectl apply` keeps, which server-side apply by `kubectl` takes over from and keeps up to date.
 * (kubernetes v1.34.1 apimachinery/pkg/util/managedfields/internal/lastapplied*.go)
 */
import type { Json } from '../generated/types.ts';
import { byteLength } from '../../text/label-format.ts';
import { difference, type FieldSet } from './field-set.ts';
import { byText } from './go-text.ts';
import { parseJson } from './json-text.ts';
import type { ObjectSchema } from './object-schema.ts';
import { compare } from './typed-compare.ts';
import { fieldsOf } from './typed-fields.ts';
import { validate } from './typed-validate.ts';
import { fieldOf, isFields, thaw, type Tree, type TreeFields } from './tree.ts';

/** Who is taken for the kubectl that wrote the annotation. */
export const kubectl = 'kubectl';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** Annotations take no more bytes than this, keys included. */
const maxAnnotationBytes = 256 * 1024;

/** What client-side apply sends of a manifest: the manifest, and itself as an annotation. (kubectl/pkg/util/apply.go) */
export function withLastApplied(manifest: Json): Json {
  const applied = thaw(manifest);
  const metadata = isFields(applied) ? fieldOf(applied, 'metadata') : undefined;
  if (!isFields(metadata)) return manifest;
  const annotations = isFields(metadata['annotations']) ? metadata['annotations'] : {};
  delete annotations[annotation];
  metadata['annotations'] = annotations;
  annotations[annotation] = `${sortedJson(applied)}\n`;
  return applied;
}

/** What was applied last, as the annotation of an object tells it; undefined where it does not. */
export function lastAppliedOf(live: Json): Json | undefined {
  const text = annotationOf(thaw(live));
  if (text === undefined || text === '') return undefined;
  const parsed = parseJson(text, Number);
  return 'error' in parsed ? undefined : (parsed.value as Json);
}

/** The fields that the annotation says kubectl applied and that are as it left them: a conflict about them is none. */
export function fieldsLastApplied(schema: ObjectSchema, live: Tree): FieldSet | undefined {
  const type = schema.typeIn(schema.apiVersion);
  const text = annotationOf(live);
  if (type === undefined || text === undefined || text === '') return undefined;
  const parsed = parseJson(text, Number);
  if ('error' in parsed) return undefined;
  const applied = thaw(parsed.value);
  if (!isFields(applied) || applied['apiVersion'] !== schema.apiVersion) return undefined;
  if (validate(type, applied, 'refused').length > 0) return undefined;
  const { added, modified, removed } = compare(type, applied, live);
  return [added, modified, removed].reduce(difference, fieldsOf(type, applied));
}

/** Writes what was applied into the annotation, if the object has one. */
export function keepLastApplied(object: TreeFields, config: TreeFields): void {
  if ((annotationOf(object) ?? '') === '') return;
  const annotations = annotationsOf(object);
  if (annotations === undefined) return;
  const applied = thaw(config) as TreeFields;
  delete annotationsOf(applied)?.[annotation];
  annotations[annotation] = `${sortedJson(applied)}\n`;
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + byteLength(key + String(value)),
    0,
  );
  if (bytes > maxAnnotationBytes) delete annotations[annotation];
}

function annotationOf(object: Tree): string | undefined {
  const annotations = annotationsOf(object);
  const text = annotations === undefined ? undefined : fieldOf(annotations, annotation);
  return typeof text === 'string' ? text : undefined;
}

function annotationsOf(object: Tree): TreeFields | undefined {
  const metadata = isFields(object) ? fieldOf(object, 'metadata') : undefined;
  const annotations = isFields(metadata) ? fieldOf(metadata, 'annotations') : undefined;
  return isFields(annotations) ? annotations : undefined;
}

/** As Go's encoder writes it: keys in order, and no character that HTML would mind. */
function sortedJson(value: Tree): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (isFields(value)) {
    const fields = Object.keys(value).sort(byText);
    return `{${fields.map((field) => `${escaped(field)}:${sortedJson(value[field] ?? null)}`).join(',')}}`;
  }
  return typeof value === 'string' ? escaped(value) : JSON.stringify(value);
}

const escaped = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
