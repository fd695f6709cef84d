import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTar } from './fixture-tar.ts';
import type { LayerEntry } from './layer.ts';
import { type Compression, writeOciArchive } from './oci-archive.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-oci-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const entries: LayerEntry[] = [
  { type: 'file', path: '/usr/bin/pause', content: 'program', mode: 0o755 },
  { type: 'directory', path: '/tmp', mode: 0o1777 },
  { type: 'symlink', path: '/bin/pause', target: '../usr/bin/pause' },
];

const write = async (compression?: Compression, order = entries) => {
  const file = join(folder, 'image.tar');
  const image = await writeOciArchive({
    file,
    name: 'localhost:5000/tests/pause:1.0',
    images: [
      {
        layers: [
          { createdBy: 'first', entries: order },
          { createdBy: 'second', entries: [{ type: 'file', path: '/etc/x', content: '' }] },
        ],
        config: { user: '1:2', workingDir: '/', cmd: ['/bin/pause'], labels: { a: 'b' } },
      },
    ],
    annotations: { c: 'd' },
    ...(compression === undefined ? {} : { compression }),
  });
  return { image, archive: readFileSync(file) };
};
const sha256 = (content: Uint8Array) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const unpacked = { zstd: zstdDecompressSync, none: (content: Uint8Array) => content };

test.each(['zstd', 'none'] as const)(
  'writeOciArchive() with %s is a layout whose digests and sizes are right',
  async (compression) => {
    const { image, archive } = await write(compression);
    const files = new Map((await readTar(archive)).map(({ header, content }) => [header.name, content]));
    const json = (name: string) => JSON.parse(String(files.get(name)));
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const index = json('index.json');
    expect(index.manifests).toEqual([
      {
        ...image.images[0]?.manifest,
        annotations: {
          'io.containerd.image.name': 'localhost:5000/tests/pause:1.0',
          'org.opencontainers.image.ref.name': '1.0',
        },
      },
    ]);
    for (const [name, content] of files)
      if (name.startsWith('blobs/'))
        expect(sha256(content)).toBe(name.slice('blobs/'.length).replace('/', ':'));
    const blob = (digest: string) => files.get(`blobs/${digest.replace(':', '/')}`) ?? Buffer.alloc(0);
    const manifest = JSON.parse(String(blob(image.digest)));
    expect(manifest.annotations).toEqual({ c: 'd' });
    const config = JSON.parse(String(blob(manifest.config.digest)));
    expect(config).toMatchObject({
      os: 'linux',
      config: { User: '1:2', WorkingDir: '/', Cmd: ['/bin/pause'], Labels: { a: 'b' } },
      history: [{ created_by: 'first' }, { created_by: 'second' }],
    });
    expect(files.size).toBe(2 + 2 + manifest.layers.length);
    for (const [at, { digest, size }] of manifest.layers.entries()) {
      expect(blob(digest)).toHaveLength(size);
      expect(sha256(unpacked[compression](blob(digest)))).toBe(config.rootfs.diff_ids[at]);
    }
  },
);

test('writeOciArchive() writes the same bytes from the same entries, in whatever order they come', async () => {
  const { archive } = await write();
  expect((await write('zstd', entries.toReversed())).archive.equals(archive)).toBe(true);
});

test('writeOciArchive() leaves nothing behind but the archive', async () => {
  await write();
  expect(readdirSync(folder)).toEqual(['image.tar']);
});

test.each(['tacho', 'tacho:1', 'localhost/tacho', 'localhost/tacho:', 'localhost/tacho:a/b'])(
  'writeOciArchive() refuses the name "%s"',
  async (name) => {
    const file = join(folder, 'refused.tar');
    const refused = writeOciArchive({ file, name, images: [{ layers: [], config: {} }] });
    await expect(refused).rejects.toThrow(`Cannot name the image "${name}": expected HOST/PATH:TAG`);
  },
);

test('writeOciArchive() of two architectures is one name for an index of both, and has what they share once', async () => {
  const file = join(folder, 'two.tar');
  const layers = [{ createdBy: 'shared', entries }];
  const images = (['amd64', 'arm64'] as const).map((architecture) => ({ architecture, layers, config: {} }));
  const written = await writeOciArchive({ file, name: 'localhost/two:1', images });
  rmSync(join(folder, 'image.tar'), { force: true });
  const files = new Map(
    (await readTar(readFileSync(file))).map(({ header, content }) => [header.name, content]),
  );
  rmSync(file);
  const json = (name: string) => JSON.parse(String(files.get(name)));
  const [target, ...others] = json('index.json').manifests;
  expect(others).toEqual([]);
  expect(target).toMatchObject({
    digest: written.digest,
    annotations: { 'io.containerd.image.name': 'localhost/two:1' },
  });
  const index = json(`blobs/${target.digest.replace(':', '/')}`);
  expect(index.manifests).toEqual(
    written.images.map(({ architecture, manifest }) => ({
      ...manifest,
      platform: { architecture, os: 'linux' },
    })),
  );
  // Two files of the layout; an index, two manifests, two configurations and the layer.
  expect(files.size).toBe(2 + 6);
});

test('writeOciArchive() refuses to write nothing', async () => {
  const nothing = writeOciArchive({ file: join(folder, 'none.tar'), name: 'localhost/none:1', images: [] });
  await expect(nothing).rejects.toThrow('expected an image, found none');
});
