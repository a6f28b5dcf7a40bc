/** `format.dns1123Label().validate(name)`. (apiserver/pkg/cel/library/format.go) */
import { Optional, type Environment } from '@marcbachmann/cel-js';
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../text/label-format.ts';
import { registerNamespace } from './namespace.ts';
import { urlError } from './urls.ts';

type Check = (text: string) => readonly string[];

class Format {
  readonly check: Check;
  constructor(check: Check) {
    this.check = check;
  }
}

/** A prefix may end with a hyphen, as something will be appended. */
const prefixOf =
  (check: Check): Check =>
  (text) =>
    check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const matching =
  (form: RegExp, message: string): Check =>
  (text) =>
    form.test(text) ? [] : [message];

const month = '(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';

/** The formats that have a name in CEL. */
export const formats: Readonly<Record<string, Check>> = {
  dns1123Label: dns1123LabelErrors,
  dns1123Subdomain: dns1123SubdomainErrors,
  dns1035Label: dns1035LabelErrors,
  qualifiedName: qualifiedNameErrors,
  dns1123LabelPrefix: prefixOf(dns1123LabelErrors),
  dns1123SubdomainPrefix: prefixOf(dns1123SubdomainErrors),
  dns1035LabelPrefix: prefixOf(dns1035LabelErrors),
  labelValue: labelValueErrors,
  uri: (text) => {
    const error = urlError(text);
    return error === undefined ? [] : [error];
  },
  uuid: matching(
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
    'does not match the UUID format',
  ),
  byte: matching(
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/,
    'invalid base64',
  ),
  date: matching(new RegExp(`^\\d{4}-${month}$`), 'invalid date'),
  datetime: matching(
    new RegExp(`^\\d{4}-${month}[Tt ]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:[Zz]|[+-]\\d\\d:?\\d\\d)$`),
    'invalid datetime',
  ),
};

/** Adds the named formats; `validate` gives what is wrong as an optional list of texts, and none where nothing is. */
export function registerFormats(environment: Environment): void {
  registerNamespace(environment, 'format', 'FormatNamespace');
  environment
    .registerType('kubernetes.NamedFormat', Format)
    .registerFunction(
      'FormatNamespace.named(string): optional<kubernetes.NamedFormat>',
      (_: unknown, name: string) => {
        const check = formats[name];
        return check === undefined ? Optional.none() : Optional.of(new Format(check));
      },
    )
    .registerFunction(
      'kubernetes.NamedFormat.validate(string): optional<list<string>>',
      ({ check }: Format, text: string) => {
        const errors = check(text);
        return errors.length === 0 ? Optional.none() : Optional.of(errors);
      },
    );
  for (const [name, check] of Object.entries(formats))
    environment.registerFunction(
      `FormatNamespace.${name}(): kubernetes.NamedFormat`,
      () => new Format(check),
    );
}
