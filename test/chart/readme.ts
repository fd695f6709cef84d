/** `npm run generate`: writes the table of values into the chart's README from the comments of values.yaml; `--check` only compares. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, exit } from 'node:process';
import { chartFolder, readValues } from './chart.ts';
import { valuesTable } from './values-table.ts';
import { leaves } from './values-tree.ts';

const file = join(chartFolder, 'README.md');
const [begin, end] = [
  '<!-- values: begin, from values.yaml by `npm run generate` -->',
  '<!-- values: end -->',
];

const readme = await readFile(file, 'utf8');
const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
if (from === -1 || to < from)
  throw new Error(`Cannot write the values into ${file}: expected ${begin} … ${end}`);
const yaml = await readFile(join(chartFolder, 'values.yaml'), 'utf8');
const table = valuesTable(yaml, await readValues(), await leaves());
const written = `${readme.slice(0, from + begin.length)}\n\n${table}\n${readme.slice(to)}`;
if (!argv.includes('--check')) await writeFile(file, written);
else if (written !== readme) {
  process.stderr.write('charts/tacho/README.md is not what values.yaml says: run `npm run generate`\n');
  exit(1);
}
