import type { Owner } from './reading.ts';

/** Of names in Kubernetes the longest. */
const longestName = 253;
const name = /^[\x21-\x7e]+$/;
const label = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\["\\n])*)"[ \t]*(,|$)/y;
const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/**
 * Whose series it is, by the text between the braces: `container`, `pod` and `namespace` in any order, with others or
 * without; values with the three escapes of the text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
 * @returns undefined where it is not of that form, one of the three is missing, twice there, or no name that Kubernetes has
 */
export function parseOwner(text: string): Owner | undefined {
  const values = new Map<string, string>();
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const [, key = '', value = ''] = label.exec(text) ?? [];
    if (key === '' || values.has(key)) return undefined;
    values.set(key, value.includes('\\') ? value.replace(/\\./g, (pair) => escapes[pair] ?? '') : value);
  }
  const owner = [values.get('namespace'), values.get('pod'), values.get('container')];
  const [namespace, pod, container] = owner.filter(isName);
  return namespace === undefined || pod === undefined || container === undefined
    ? undefined
    : { namespace, pod, container };
}

function isName(text: string | undefined): text is string {
  return text !== undefined && text.length <= longestName && name.test(text);
}
