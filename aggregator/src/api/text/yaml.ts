import { dump } from 'js-yaml';

/** Keys sorted and lists not indented, as sigs.k8s.io/yaml has it. */
export function yaml(value: unknown): string {
  return dump(value, {
    sortKeys: true,
    seqNoIndent: true,
    quoteStyle: 'double',
    lineWidth: -1,
    noRefs: true,
  });
}
