import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { type ChartObject, render } from './chart.ts';
import { manifests } from './components.ts';

const nameOf = ({ kind, metadata }: ChartObject) => `${kind} ${metadata.name}`;

test('manifests() has every object that Helm installs without flags, in kube-system and with the image', async () => {
  const text = await manifests('localhost:5000/tacho:1.2.3');
  const objects = loadAll(text) as ChartObject[];
  const installed = (await render()).flatMap((file) => file.objects);
  expect(objects.map(nameOf).sort()).toEqual(installed.map(nameOf).sort());
  expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(
    new Set(['kube-system', undefined]),
  );
  expect(text.match(/image: .*/g)).toEqual(Array(2).fill('image: "localhost:5000/tacho:1.2.3"'));
});

test.each(['tacho', 'localhost/tacho', 'localhost:5000/tacho', 'tacho@sha256:00', ''])(
  'manifests() refuses the image "%s"',
  async (image) => {
    await expect(manifests(image)).rejects.toThrow('expected HOST/PATH:TAG');
  },
);

test('npm run manifests writes the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tacho-manifests-'));
  try {
    const output = join(folder, 'new', 'components.yaml');
    const script = join(import.meta.dirname, 'manifests.ts');
    await promisify(execFile)(process.execPath, [script, '--image=localhost/tacho:1', '--output', output]);
    expect(await readFile(output, 'utf8')).toBe(await manifests('localhost/tacho:1'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
