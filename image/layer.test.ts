import { expect, test } from 'vitest';
import { readTar } from './fixture-tar.ts';
import { type LayerEntry, packLayer } from './layer.ts';

const listing = async (entries: readonly LayerEntry[]) =>
  (await readTar(await packLayer(entries))).map(({ header, content }) => ({
    path: `/${header.name}`.replace(/(?<=.)\/$/, ''),
    ...(header.linkname ? { target: header.linkname } : {}),
    type: header.type,
    mode: header.mode,
    owner: [header.uid, header.gid],
    at: header.mtime?.getTime(),
    ...(header.type === 'file' ? { content: content.toString() } : {}),
  }));
const fixed = { owner: [0, 0], at: 0 };

test('packLayer() sorts, adds the folders above, and gives everything to 0:0 in 1970', async () => {
  const entries: LayerEntry[] = [
    { type: 'symlink', path: '/usr/link', target: 'bin/a' },
    { type: 'file', path: '/usr/bin/a', content: 'text', mode: 0o755 },
    { type: 'directory', path: '/tmp', mode: 0o1777 },
  ];
  expect(await listing(entries)).toEqual([
    { path: '/tmp', type: 'directory', mode: 0o1777, ...fixed },
    { path: '/usr', type: 'directory', mode: 0o755, ...fixed },
    { path: '/usr/bin', type: 'directory', mode: 0o755, ...fixed },
    { path: '/usr/bin/a', type: 'file', mode: 0o755, content: 'text', ...fixed },
    { path: '/usr/link', type: 'symlink', mode: 0o777, target: 'bin/a', ...fixed },
  ]);
});

test('packLayer() reads sources and takes paths longer than a tar header has room for', async () => {
  const path = `/${'long/'.repeat(60)}name`;
  const packed = await readTar(await packLayer([{ type: 'file', path, source: import.meta.filename }]));
  const last = packed.at(-1);
  expect(last?.header.name).toBe(path.slice(1));
  expect(last?.content.toString()).toContain('takes paths longer');
});

test.each(['relative', '/a/../b', '/a//b', '/a/', '/'])('packLayer() refuses the path "%s"', async (path) => {
  await expect(packLayer([{ type: 'directory', path }])).rejects.toThrow(
    `Cannot pack "${path}": expected an absolute path`,
  );
});

test('packLayer() refuses a path that is there twice, a file as a folder, and a source that is missing', async () => {
  const file = { type: 'file', path: '/a', content: '' } as const;
  await expect(packLayer([file, file])).rejects.toThrow('Cannot pack /a: it is in the layer twice');
  await expect(packLayer([file, { ...file, path: '/a/b' }])).rejects.toThrow(
    'Cannot pack /a/b: /a is not a directory',
  );
  await expect(packLayer([{ type: 'file', path: '/a', source: '/missing' }])).rejects.toThrow(
    /ENOENT.*\/missing/,
  );
});
