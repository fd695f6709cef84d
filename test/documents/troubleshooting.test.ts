import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, textOfPage } from './pages.ts';

const page = 'docs/troubleshooting.md';

/** Shorter ones may stand anywhere. */
const shortestWords = 6;

interface Row {
  readonly symptom: string;
  readonly cells: readonly string[];
}

const rows: readonly Row[] = textOfPage(page)
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:symptom|---)/.test(line))
  .map((line) => line.slice(2, -2).split(/ (?<!\\)\| /))
  .map((cells) => ({ symptom: cells[0] ?? '', cells }));

/** What the programs say, as one text: all sources that are shipped. */
const notShipped = ['docs', 'node_modules', 'test', 'dist', 'proto'];
const sources = [
  'test/one-machine',
  ...readdirSync(repository, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => !notShipped.includes(name)),
]
  .flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|yaml|tpl)$/.test(name) && !name.includes('node_modules'))
      .filter((name) => !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(repository, folder, name), 'utf8')),
  )
  .join('\n')
  // Texts over several lines, and what is put into them.
  .replaceAll(/'\s*\+\s*[`']|`\s*\+\s*[`']/g, '')
  .replaceAll(/\$\{[^}]*\}/g, '…');

const quotes = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, quote]) => quote ?? '');

/** Others say these, as real programs did in the tests beside them. */
const notOurs = /^(?:unable to verify|altnames|EADDRINUSE|endpointslices)$/;

test('there are rows, each with symptom, check, mend and where it was seen', () => {
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter(({ cells }) => cells.length !== 4).map(({ symptom }) => symptom)).toEqual([]);
});

test.each(rows)('$symptom: is produced by the test that is named', ({ symptom, cells }) => {
  const file = quotes(cells.at(-1) ?? '').at(-1) ?? '';
  expect(existsSync(join(repository, file)), `${page} names ${file}`).toBe(true);
  const text = readFileSync(join(repository, file), 'utf8').replaceAll('\\', '');
  const words = quotes(symptom).filter((quote) => quote.length >= shortestWords);
  expect(
    words.length === 0 || words.some((quote) => text.includes(quote)),
    `${file} has none of ${words}`,
  ).toBe(true);
});

test.each(rows.filter(({ symptom }) => /^(?:Agent|Aggregator|Puller): /.test(symptom)))(
  '$symptom: stands in the source word for word',
  ({ symptom }) => {
    const ours = quotes(symptom).filter((quote) => !notOurs.test(quote));
    const missing = ours.filter((quote) => !quote.split('…').every((part) => sources.includes(part.trim())));
    expect(missing).toEqual([]);
  },
);
