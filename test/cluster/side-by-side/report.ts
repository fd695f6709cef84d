import type { Difference } from './difference.ts';

const examples = 3;

/** The same difference of many requests as one block, most frequent first. */
export function reportOf(differences: readonly Difference[]): string {
  const blocks = Map.groupBy(differences, ({ where, tacho, metricsServer }) =>
    [where, tacho, metricsServer]
      .join('\0')
      .replaceAll(/\[[^\]]*\]/g, '[]')
      .replaceAll(/\d+/g, '0'),
  );
  return [...blocks.values()]
    .toSorted((a, b) => b.length - a.length)
    .map((block) => {
      const [first] = block;
      const more = block.length > examples ? [`    and ${block.length - examples} more`] : [];
      return [
        `${first?.where}`,
        `  tacho:          ${first?.tacho}`,
        `  metrics-server: ${first?.metricsServer}`,
        ...block.slice(0, examples).map(({ title }) => `    ${title}`),
        ...more,
      ].join('\n');
    })
    .join('\n');
}
