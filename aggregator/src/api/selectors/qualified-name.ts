/**
 * Which label keys and values are well formed (k8s.io/apimachinery `util/validation`), with the messages that a
 * 400 repeats to the client.
 */
const nameFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const valueFormat = `(${nameFormat})?`;
const subdomainFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const nameMaxBytes = 63;
const subdomainMaxBytes = 253;

const nameRule = explain(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  nameFormat,
  ['MyName', 'my.name', '123-abc'],
);
const valueRule = explain(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  valueFormat,
  ['MyValue', 'my_value', '12345'],
);
const subdomainRule = explain(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainFormat,
  ['example.com'],
);

const wholeName = new RegExp(`^${nameFormat}$`);
const wholeValue = new RegExp(`^${valueFormat}$`);
const wholeSubdomain = new RegExp(`^${subdomainFormat}$`);

/** What is wrong with a label key, `[PREFIX/]NAME`; undefined when nothing is. */
export function labelKeyFault(key: string): string | undefined {
  const parts = key.split('/');
  if (parts.length > 2) {
    return `a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  const name = parts.at(-1) ?? '';
  const faults = parts.length === 2 ? prefixFaults(parts[0] ?? '') : [];
  if (name === '') faults.push('name part must be non-empty');
  else if (bytes(name) > nameMaxBytes) faults.push(`name part ${tooLong(nameMaxBytes)}`);
  if (!wholeName.test(name)) faults.push(`name part ${nameRule}`);
  return together(faults);
}

/** What is wrong with a label value; undefined when nothing is. */
export function labelValueFault(value: string): string | undefined {
  const faults: string[] = [];
  if (bytes(value) > nameMaxBytes) faults.push(tooLong(nameMaxBytes));
  if (!wholeValue.test(value)) faults.push(valueRule);
  return together(faults);
}

function prefixFaults(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const faults: string[] = [];
  if (bytes(prefix) > subdomainMaxBytes) faults.push(`prefix part ${tooLong(subdomainMaxBytes)}`);
  if (!wholeSubdomain.test(prefix)) faults.push(`prefix part ${subdomainRule}`);
  return faults;
}

function explain(rule: string, format: string, examples: readonly string[]): string {
  // The two blanks before "or" are Kubernetes' own.
  const list = examples.map((example) => `'${example}'`).join(',  or ');
  return `${rule} (e.g. ${list}, regex used for validation is '${format}')`;
}

function tooLong(limitBytes: number): string {
  return `must be no more than ${limitBytes} bytes`;
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

function together(faults: readonly string[]): string | undefined {
  return faults.length === 0 ? undefined : faults.join('; ');
}
