/**
 * The table of values in the chart's README: key, default, and the comment above the key.
 * @param yaml text of values.yaml, indented by two spaces
 * @param values what it says
 * @param leaves which of its paths have a line
 * @throws for a key without a comment
 */
export function valuesTable(yaml: string, values: unknown, leaves: readonly string[]): string {
  const comments = commentsOf(yaml);
  const rows = leaves.map((path) => {
    const comment = comments.get(path);
    if (comment === undefined)
      throw new Error(`Cannot describe ${path}: expected a comment above it in values.yaml`);
    const value = path
      .split('.')
      .reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], values);
    return `| \`${path}\` | \`${JSON.stringify(value)}\` | ${comment.replaceAll('|', '\\|')} |`;
  });
  return ['| key | default | |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** The comment right above each key, by the key's path. */
export function commentsOf(yaml: string): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  const above: string[] = [];
  let comment: string[] = [];
  for (const line of yaml.split('\n')) {
    const [, said] = /^ *# ?(.*)$/.exec(line) ?? [];
    const [, indent = '', key = ''] = /^( *)([\w.-]+):/.exec(line) ?? [];
    if (said !== undefined) {
      comment.push(said);
      continue;
    }
    if (key !== '') {
      above.splice(indent.length / 2, above.length, key);
      if (comment.length > 0) comments.set(above.join('.'), comment.join(' '));
    }
    comment = [];
  }
  return comments;
}
