/**
 * Field selectors: `spec.nodeName=node-1,status.phase!=Running`. Which fields may be selected by is a table per
 * resource. (kubernetes v1.34.1 apimachinery/pkg/fields/selector.go, pkg/apis/core/v1/conversion.go)
 */
import type { ApiObject, Resource } from './object.ts';
import { resourceNamed } from './kinds.ts';
import type { SelectorError } from './selector.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
  /** Where the value lies; a second place is looked at when the first is empty. */
  readonly path: readonly string[];
  readonly orElse?: readonly string[];
  /** What an absent field reads as. */
  readonly absent: string;
}

/** A field's place where it differs from its name. */
type FieldRule =
  | string
  | { readonly field: string; readonly absent?: string; readonly path?: string; readonly orElse?: string };

const named = ['metadata.name', 'metadata.namespace'];

/** The fields of resources that have more than the name and the namespace. */
const fieldsOf: Readonly<Record<Resource, readonly FieldRule[]>> = {
  pods: [
    ...named,
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    { field: 'spec.hostNetwork', absent: 'false' },
    'status.phase',
    'status.podIP',
    { field: 'status.podIPs', path: 'status.none' }, // accepted, and never set (pkg/registry/core/pod ToSelectableFields)
    'status.nominatedNodeName',
  ],
  nodes: ['metadata.name', { field: 'spec.unschedulable', absent: 'false' }],
  namespaces: ['metadata.name', 'status.phase'],
  services: [...named, 'spec.clusterIP', 'spec.type'],
  secrets: [...named, 'type'],
  replicationcontrollers: [...named, { field: 'status.replicas', absent: '0' }],
  jobs: [...named, { field: 'status.successful', path: 'status.succeeded', absent: '0' }],
  events: [
    ...named,
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    { field: 'source', path: 'source.component', orElse: 'reportingComponent' },
    'type',
  ],
};

const renamed: Readonly<Record<Resource, Readonly<Record<string, string>>>> = {
  pods: { 'spec.host': 'spec.nodeName' },
};

const parsed = new Map<string, readonly FieldRequirement[] | SelectorError>();
const parsedBound = 10_000;

/**
 * Reads the text of a `fieldSelector` parameter for a resource. The answers are remembered. `declared` are the fields that
 * the definition of a custom resource allows; without them any field of one is read, for the server has looked at it.
 */
export function parseFieldSelector(
  resource: Resource,
  text: string,
  declared?: readonly string[],
): readonly FieldRequirement[] | SelectorError {
  const memo = declared === undefined ? `${resource} ${text}` : `${resource} ${declared.join()} ${text}`;
  let found = parsed.get(memo);
  if (found === undefined) {
    found = resource.includes('.') ? parseCustom(text, declared) : parse(resource, text);
    if (parsed.size >= parsedBound) parsed.clear();
    parsed.set(memo, found);
  }
  return found;
}

function parse(resource: Resource, text: string): readonly FieldRequirement[] | SelectorError {
  const terms = parseFieldTerms(text);
  if ('error' in terms) return terms;
  const requirements: FieldRequirement[] = [];
  for (const term of terms) {
    const field = fieldFor(resource, term.field);
    if ('error' in field) return field;
    requirements.push({ ...field, operator: term.operator, value: term.value });
  }
  return requirements;
}

/** (apiextensions-apiserver/pkg/apiserver/conversion/converter.go ConvertFieldLabel) */
function parseCustom(
  text: string,
  declared: readonly string[] | undefined,
): readonly FieldRequirement[] | SelectorError {
  const terms = parseFieldTerms(text);
  if ('error' in terms) return terms;
  const unknown = terms.find(({ field }) => declared?.includes(field) === false);
  if (unknown !== undefined) return { error: `field label not supported: ${unknown.field}` };
  return terms.map((term) => ({ ...term, path: term.field.split('.'), absent: '' }));
}

export interface FieldTerm {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** The terms of a field selector, whatever resource it is for. */
export function parseFieldTerms(text: string): readonly FieldTerm[] | SelectorError {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text)) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (match === null) return { error: `invalid selector: '${text}'; can't understand '${part}'` };
    const value = unescapeValue(match[3] ?? '');
    if (typeof value !== 'string') return value;
    terms.push({ field: match[1] ?? '', operator: match[2] === '!=' ? '!=' : '=', value });
  }
  return terms;
}

/** Splits at commas that are not escaped. */
function splitTerms(text: string): readonly string[] {
  const terms: string[] = [];
  let [start, escaped] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (!escaped && character === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
    escaped = !escaped && character === '\\';
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(text: string): string | SelectorError {
  let value = '';
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\') {
      const next = text.charAt(i + 1);
      if (next === '' || !'\\,='.includes(next))
        return { error: `invalid field selector: invalid escape sequence: \\${next}` };
      value += next;
      i++;
    } else if (character === ',' || character === '=')
      return { error: `invalid field selector: unescaped character in value: ${character.charCodeAt(0)}` };
    else value += character;
  }
  return value;
}

/** The field under the name a user gave it, or that it cannot be selected by. */
export function fieldFor(
  resource: Resource,
  name: string,
): Pick<FieldRequirement, 'field' | 'path' | 'orElse' | 'absent'> | SelectorError {
  const field = renamed[resource]?.[name] ?? name;
  const rule = (fieldsOf[resource] ?? named).find(
    (entry) => (typeof entry === 'string' ? entry : entry.field) === field,
  );
  if (rule === undefined) return { error: unsupported(resource, name) };
  if (typeof rule === 'string') return { field, path: rule.split('.'), absent: '' };
  const place = { field, path: (rule.path ?? rule.field).split('.'), absent: rule.absent ?? '' };
  return rule.orElse === undefined ? place : { ...place, orElse: rule.orElse.split('.') };
}

function unsupported(resource: Resource, name: string): string {
  if (resource === 'jobs')
    return `field label "${name}" not supported for ${resourceNamed(resource)?.kind ?? resource}`;
  if (fieldsOf[resource] !== undefined) return `field label not supported: ${name}`;
  return `"${name}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** Whether an object has the fields asked for. */
export function matchesFields(requirements: readonly FieldRequirement[], object: ApiObject): boolean {
  for (let i = 0; i < requirements.length; i++) {
    const requirement = requirements[i] as FieldRequirement;
    if ((read(object, requirement) === requirement.value) !== (requirement.operator === '=')) return false;
  }
  return true;
}

type WithPhase = ApiObject & { readonly status?: { readonly phase?: string } };

function read(object: ApiObject, requirement: FieldRequirement): string {
  // What schedulers and kubelets select by is read at every change of every Pod, so its path is not walked.
  const found =
    requirement.field === 'status.phase' ? (object as WithPhase).status?.phase : at(object, requirement.path);
  if (found !== undefined && found !== '') return `${found}`;
  const second = requirement.orElse === undefined ? undefined : at(object, requirement.orElse);
  return second === undefined ? requirement.absent : `${second}`;
}

function at(object: unknown, path: readonly string[]): string | number | boolean | undefined {
  let value = object;
  for (let i = 0; i < path.length; i++) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[path[i] as string];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}
