import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Header } from 'tar-stream';
import { readTar } from '../../image/fixture-tar.ts';
import type { Architecture } from '../../image/platform.ts';
import { buildTachoImage } from '../../image/tacho-image.ts';

const repository = join(import.meta.dirname, '..', '..');

export interface UnpackedImage extends Disposable {
  /** The image's files are below `root` in it. */
  readonly folder: string;
  readonly root: string;
  readonly files: readonly { readonly header: Header; readonly content: Buffer }[];
  /** All layers, as a registry would have them. */
  readonly compressedBytes: number;
  /** Bytes of the archive when it is built once more. */
  build(): Promise<Buffer>;
}

/** Builds tacho's image and unpacks it as a runtime would, into a folder that other users can come through. */
export async function unpackedImage(architecture?: Architecture): Promise<UnpackedImage> {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-image-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'image.tar');
  const build = async () => {
    const image = { repository, version: '1.2.3', name: 'localhost/tacho:test', file };
    const architectures = architecture === undefined ? {} : { architectures: [architecture] };
    await buildTachoImage({ ...image, ...architectures }, () => undefined);
    return readFileSync(file);
  };
  const archive = new Map(
    (await readTar(await build())).map(({ header, content }) => [header.name, content]),
  );
  const json = (name: string) => JSON.parse(String(archive.get(name)));
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const manifest = json(blob(json('index.json').manifests[0].digest)) as {
    layers: { digest: string; size: number }[];
  };
  const layers = manifest.layers.map(({ digest }) =>
    readTar(zstdDecompressSync(archive.get(blob(digest)) ?? Buffer.alloc(0))),
  );
  const files = (await Promise.all(layers)).flat();
  const root = join(folder, 'root');
  mkdirSync(root);
  for (const { header, content } of files) {
    const path = join(root, header.name);
    if (header.type === 'directory') mkdirSync(path, { recursive: true });
    else if (header.type === 'symlink') symlinkSync(header.linkname ?? '', path);
    else writeFileSync(path, content);
    if (header.type !== 'symlink') chmodSync(path, header.mode ?? 0o644);
  }
  return {
    ...{ folder, root, files, build },
    compressedBytes: manifest.layers.reduce((bytes, { size }) => bytes + size, 0),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
