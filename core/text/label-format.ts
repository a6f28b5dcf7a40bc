/** The forms that names, labels and annotations may have. (apimachinery/pkg/util/validation/validation.go) */

const pattern = (source: string): RegExp => new RegExp(`^(?:${source})$`);

const qualifiedNameFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValueFormat = `(${qualifiedNameFormat})?`;
const dns1123LabelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1123SubdomainFormat = `${dns1123LabelFormat}(\\.${dns1123LabelFormat})*`;
const dns1035LabelFormat = '[a-z]([-a-z0-9]*[a-z0-9])?';

const qualifiedName = pattern(qualifiedNameFormat);
const labelValue = pattern(labelValueFormat);
const dns1123Label = pattern(dns1123LabelFormat);
const dns1123Subdomain = pattern(dns1123SubdomainFormat);
const dns1035Label = pattern(dns1035LabelFormat);

const qualifiedNameMessage = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedNameFormat}')`;
const labelValueMessage = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValueFormat}')`;
const subdomainMessage = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${dns1123SubdomainFormat}')`;
const labelMessage = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${dns1123LabelFormat}')`;
const dns1035Message = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${dns1035LabelFormat}')`;

const nothing: readonly string[] = [];

/** Length in bytes of UTF-8: what the limits count. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const tooLongMessage = (most: number): string => `must be no more than ${most} characters`;

/** A label's or annotation's key: `name` or `example.com/name`. */
export function qualifiedNameErrors(text: string): readonly string[] {
  if (text.length <= 63 && qualifiedName.test(text)) return nothing;
  const parts = text.split('/');
  const errors: string[] = [];
  let name = parts[0] ?? '';
  if (parts.length === 2) {
    const prefix = name;
    name = parts[1] ?? '';
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...dns1123SubdomainErrors(prefix).map((error) => `prefix part ${error}`));
  } else if (parts.length > 2)
    return [
      `a qualified name ${qualifiedNameMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > 63) errors.push(`name part ${tooLongMessage(63)}`);
  if (!qualifiedName.test(name)) errors.push(`name part ${qualifiedNameMessage}`);
  return errors;
}

export const labelValueErrors = (text: string): readonly string[] =>
  formErrors(text, 63, labelValue, labelValueMessage);

export const dns1123LabelErrors = (text: string): readonly string[] =>
  formErrors(text, 63, dns1123Label, dns1123Subdomain.test(text) ? 'must not contain dots' : labelMessage);

export const dns1123SubdomainErrors = (text: string): readonly string[] =>
  formErrors(text, 253, dns1123Subdomain, subdomainMessage);

export const dns1035LabelErrors = (text: string): readonly string[] =>
  formErrors(text, 63, dns1035Label, dns1035Message);

function formErrors(text: string, most: number, form: RegExp, message: string): readonly string[] {
  if (text.length <= most && form.test(text)) return nothing; // the forms are ASCII
  const short = text.length <= most && byteLength(text) <= most;
  return [...(short ? [] : [tooLongMessage(most)]), ...(form.test(text) ? [] : [message])];
}
