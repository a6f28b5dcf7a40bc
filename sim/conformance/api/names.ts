/**
 * Family names: what names may be, addresses, ports and percentages, generated names, and the hashes in names.
 * Every field is compared but three: of a generated name the drawn characters (their number and alphabet are), and
 * `value` beside a `body` that shows it. The recorder hashed a template as it had read it and recorded it as it is
 * written afterwards: `0.5` is written `500m`, `1e8` `100e6`, `0.5Gi` `512Mi`, and a map without entries not at all. Go
 * holds those otherwise, so the hash is looked for among the readings that are written so, the plain one first; the dump,
 * where it is recorded, must be that of the reading found.
 */
import type { StatefulSet } from '../../../core/api/generated/types.ts';
import { invalidValue, type FieldError } from '../../../core/api/field-error.ts';
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../core/text/label-format.ts';
import {
  controllerRevisionHash,
  controllerRevisionName,
  revisionBytes,
  revisionData,
} from '../../../core/api/names/controller-revision.ts';
import {
  cIdentifierErrors,
  configMapKeyErrors,
  envVarNameErrors,
  httpHeaderNameErrors,
  relaxedEnvVarNameErrors,
  withoutTrailingDash,
} from '../../../core/api/names/forms.ts';
import { fnv32, fnv32a, safeEncode } from '../../../core/api/names/hash.ts';
import { cidrErrors, ipErrors, legacyCIDRErrors, legacyIPErrors } from '../../../core/api/names/ip.ts';
import {
  checkAnnotations,
  checkIntOrPercent,
  checkPort,
  pathSegment,
  portNameErrors,
  wildcardSubdomain,
  type NameForm,
} from '../../../core/api/validation/fields.ts';
import { generatedName, newLuck } from '../../../core/apiserver/names.ts';
import { revisionOf } from '../../../core/controllers/statefulset/pods.ts';
import type { Family, RecordedCase } from '../family.ts';
import { differenceOfFields, operationOf, type Answer } from './operation.ts';
import { comparableErrors, recordedError } from './recorded-error.ts';
import { hashedReading, type RecordedHash } from './template-readings.ts';

export const namesFamily: Family = {
  name: 'names',
  *answer(cases) {
    for (const asked of cases) {
      const got = operationOf(answers, asked, 'names')(asked);
      const about = JSON.stringify(asked['in'] ?? asked['template'] ?? asked['base'] ?? asked['prefix']);
      yield {
        name: `${String(asked['op'])} ${about.slice(0, 200)}`,
        difference: differenceOfFields(asked, got, (field) => wanted(asked, field)),
      };
    }
  },
};

const fieldErrorFields: readonly string[] = ['isValidIP', 'legacyIP', 'cidr', 'legacyCIDR'];

function wanted(asked: RecordedCase, field: string): unknown {
  const value = asked[field];
  const isErrors = fieldErrorFields.includes(field) || (asked['op'] === 'annotations' && field === 'errors');
  return isErrors ? comparableErrors(value) : value;
}

const checks: Readonly<Record<string, NameForm>> = {
  IsCIdentifier: cIdentifierErrors,
  IsConfigMapKey: configMapKeyErrors,
  IsDNS1035Label: dns1035LabelErrors,
  IsDNS1123Label: dns1123LabelErrors,
  IsDNS1123Subdomain: dns1123SubdomainErrors,
  IsEnvVarName: envVarNameErrors,
  IsHTTPHeaderName: httpHeaderNameErrors,
  IsQualifiedName: qualifiedNameErrors,
  IsRelaxedEnvVarName: relaxedEnvVarNameErrors,
  IsValidLabelValue: labelValueErrors,
  IsValidPathSegmentName: pathSegment,
  IsValidPortName: portNameErrors,
  IsWildcardDNS1123Subdomain: wildcardSubdomain,
  'NameIsDNSLabel.prefix': (name) => dns1123LabelErrors(withoutTrailingDash(name)),
  'NameIsDNSSubdomain.prefix': (name) => dns1123SubdomainErrors(withoutTrailingDash(name)),
};

const answers: Readonly<Record<string, (asked: RecordedCase) => Answer>> = {
  nameChecks: ({ in: name }) => ({
    errors: Object.fromEntries(Object.entries(checks).map(([check, form]) => [check, form(String(name))])),
  }),
  ip: ({ in: text }) => ({
    isValidIP: fieldErrors(String(text), ipErrors),
    legacyIP: fieldErrors(String(text), legacyIPErrors),
    cidr: fieldErrors(String(text), cidrErrors),
    legacyCIDR: fieldErrors(String(text), legacyCIDRErrors),
  }),
  portNum: ({ in: port }) => ({
    errors: messages((errors) => {
      checkPort(errors, '', Number(port));
    }),
  }),
  percent: ({ in: percent }) => ({
    errors: messages((errors) => {
      checkIntOrPercent(errors, '', String(percent));
    }),
  }),
  annotations: ({ in: annotations }) => {
    const errors: FieldError[] = [];
    checkAnnotations(errors, 'metadata.annotations', repeated(annotations as Record<string, string>));
    return { errors: errors.map(recordedError) };
  },
  generateName: ({ base, alphabet, example }) => {
    const name = generatedName(luck, String(base), 1);
    const kept = name.slice(0, -5);
    const drawn = [...name.slice(-5)].every((character) => String(alphabet).includes(character));
    return {
      length: name.length,
      prefixKept: kept.length,
      ...(drawn ? {} : { alphabet: name }),
      example: `${kept}${String(example).slice(-5)}`,
    };
  },
  safeEncode: ({ in: text }) => ({ out: safeEncode(String(text)) }),
  fnv32a: ({ in: text }) => ({
    out: fnv32a(String(text)),
    fnv32: fnv32(String(text)),
    encoded: safeEncode(`${fnv32a(String(text))}`),
  }),
  podTemplateHash: (asked) => ({ ...hashedReading(asked as unknown as RecordedHash) }),
  controllerRevision: (asked) => revisionAnswer(asked),
  controllerRevisionName: ({ prefix, hash }) => {
    const name = controllerRevisionName(String(prefix), String(hash));
    return { name, nameLength: name.length };
  },
};

const luck = newLuck('names', 'apiserver');

const fieldErrors = (text: string, form: NameForm): readonly object[] =>
  form(text).map((message) => recordedError(invalidValue('f', text, message)));

/** The messages of a check; Go has nil for none. */
function messages(check: (errors: FieldError[]) => void): readonly string[] | null {
  const errors: FieldError[] = [];
  check(errors);
  return errors.length === 0 ? null : errors.map(({ detail }) => detail);
}

/** `REPEAT x 3` stands for `xxx`. */
const repeated = (map: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      const [, character = '', count = '0'] = /^REPEAT (.) (\d+)$/.exec(value) ?? [];
      return [key, character === '' ? value : character.repeat(Number(count))];
    }),
  );

function revisionAnswer(asked: RecordedCase): Answer {
  const owner = asked['in'] as Omit<StatefulSet, 'kind'> & { readonly kind: string };
  const collisionCount = (asked['collisionCount'] ?? undefined) as number | undefined;
  const { template } = owner.spec;
  const data = revisionBytes(revisionData(template));
  if (owner.kind === 'DaemonSet') {
    const { hash } = hashedReading({ template, hash: String(asked['hash']), collisionCount });
    return { data, hash, name: controllerRevisionName(owner.metadata.name, hash) };
  }
  const hash = controllerRevisionHash(revisionData(template), collisionCount);
  const made = revisionOf({ ...owner, kind: 'StatefulSet' }, 1, collisionCount ?? 0);
  const { labels, annotations } = made.metadata as Answer;
  const recordedLabels = { ...(labels as object), 'controller.kubernetes.io/hash': hash };
  return {
    data,
    hash,
    name: controllerRevisionName(owner.metadata.name, hash),
    labels: recordedLabels,
    annotations: annotations ?? {},
  };
}
