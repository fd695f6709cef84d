import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { chartFolder, helm, readValues } from './chart.ts';
import { type Mode, readModes, renderMode } from './modes.ts';
import { leaves } from './values-tree.ts';

const modes = await readModes();
const snapshots = join(import.meta.dirname, 'snapshots');

test.each(modes)('helm lint --strict finds nothing in the mode $name', async ({ file }) => {
  const linted = helm(['lint', '--strict', chartFolder, '--values', file]);
  await expect(linted).resolves.toContain('0 chart(s) failed');
});

test.each(modes)('the mode $name renders as its snapshot has it', async (mode: Mode) => {
  await expect(await renderMode(mode)).toMatchFileSnapshot(join(snapshots, `${mode.name}.yaml`));
});

test.each(modes)('Helm 3 lints the mode $name too, and renders the same objects', async (mode) => {
  const linted = helm(['lint', '--strict', chartFolder, '--values', mode.file], {}, 3);
  await expect(linted).resolves.toContain('0 chart(s) failed');
  const [third, fourth] = await Promise.all([renderMode(mode, 3), renderMode(mode)]);
  expect(loadAll(third)).toEqual(loadAll(fourth));
});

test('Helm 3 refuses a typo by the schema, too', async () => {
  const typo = helm(['template', 'tacho', chartFolder], { image: { repositry: 'x' } }, 3);
  await expect(typo).rejects.toThrow('Additional property repositry is not allowed');
});

test('there is a snapshot for each mode and no other', async () => {
  expect((await readdir(snapshots)).sort()).toEqual(modes.map(({ name }) => `${name}.yaml`));
});

test('some mode sets every value to something else than its default', async () => {
  const defaults = await readValues();
  const at = (tree: unknown, path: string) =>
    path
      .split('.')
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], tree);
  const untouched = (await leaves()).filter((path) =>
    modes.every(({ values }) => {
      const given = at(values, path);
      return given === undefined || JSON.stringify(given) === JSON.stringify(at(defaults, path));
    }),
  );
  expect(untouched).toEqual(['image.tag']);
});
