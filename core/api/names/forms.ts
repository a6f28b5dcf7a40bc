/** What keys, variables, headers and prefixes of names may be. (kubernetes v1.34.1 apimachinery/pkg/util/validation) */
import { byteLength } from '../../text/label-format.ts';

const configMapKeyFormat = '[-._a-zA-Z0-9]+';
const envVarNameFormat = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const httpHeaderFormat = '[-A-Za-z0-9]+';
const cIdentifierFormat = '[A-Za-z_][A-Za-z0-9_]*';

const whole = (format: string): RegExp => new RegExp(`^(?:${format})$`);
const configMapKey = whole(configMapKeyFormat);
const envVarName = whole(envVarNameFormat);
const httpHeader = whole(httpHeaderFormat);
const cIdentifier = whole(cIdentifierFormat);

const used = (format: string): string => `regex used for validation is '${format}'`;

/** A key of a ConfigMap or Secret: it becomes the name of a file. */
export const configMapKeyErrors = (key: string): readonly string[] => [
  ...(byteLength(key) > 253 ? ['must be no more than 253 characters'] : []),
  ...(configMapKey.test(key)
    ? []
    : [
        `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', ${used(configMapKeyFormat)})`,
      ]),
  ...dotErrors(key),
];

/** The name of a variable as it was always checked: of letters, digits and a few signs. */
export const envVarNameErrors = (name: string): readonly string[] => [
  ...(envVarName.test(name)
    ? []
    : [
        `a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', ${used(envVarNameFormat)})`,
      ]),
  ...dotErrors(name),
];

/** A name that would lead out of a folder. */
function dotErrors(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`must not be '${name}'`];
  return name.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The name of a variable as 1.34 checks it: printable ASCII. */
export function relaxedEnvVarNameErrors(name: string): readonly string[] {
  if (name === '') return ['environment variable name must be non-empty'];
  if (/^[ -<>-~]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export const httpHeaderNameErrors = (name: string): readonly string[] =>
  httpHeader.test(name)
    ? []
    : [
        `a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', ${used(httpHeaderFormat)})`,
      ];

export const cIdentifierErrors = (name: string): readonly string[] =>
  cIdentifier.test(name)
    ? []
    : [
        `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', ${used(cIdentifierFormat)})`,
      ];

/** A prefix of a name may end with a dash: it is checked as if it and the character before it were a letter. */
export const withoutTrailingDash = (prefix: string): string =>
  prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
