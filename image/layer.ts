import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { type Header, pack } from 'tar-stream';

/** One thing in a layer; paths are absolute inside the image. Everything belongs to 0:0 and is from 1970. */
export type LayerEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      /** 0o644 unless told. */
      readonly mode?: number;
      readonly content: string | Uint8Array;
    }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode?: number;
      /** A file of this machine, read when the layer is made; its mode does not count. */
      readonly source: string;
    }
  | {
      readonly type: 'directory';
      readonly path: string;
      /** 0o755 unless told. Folders above an entry need not be listed. */
      readonly mode?: number;
    }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

/**
 * Packs a layer as an uncompressed tar. The same entries give the same bytes, in whatever order they come.
 * @throws when a path is not absolute and plain, is there twice, or a source cannot be read
 */
export async function packLayer(entries: readonly LayerEntry[]): Promise<Buffer> {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    if (posix.normalize(entry.path) !== entry.path || !entry.path.startsWith('/') || entry.path.endsWith('/'))
      throw new Error(
        `Cannot pack "${entry.path}": expected an absolute path without "..", "//" or a last "/"`,
      );
    if (byPath.has(entry.path)) throw new Error(`Cannot pack ${entry.path}: it is in the layer twice`);
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let above = posix.dirname(path); above !== '/'; above = posix.dirname(above)) {
      const there = byPath.get(above);
      if (there === undefined) byPath.set(above, { type: 'directory', path: above });
      else if (there.type !== 'directory')
        throw new Error(`Cannot pack ${path}: ${above} is not a directory`);
    }
  }
  const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return await packTar(await Promise.all(sorted.map(tarEntry)));
}

/** A header of a tar without what would differ from one build to the next, and what follows it. */
export interface TarEntry {
  readonly header: Pick<Header, 'name' | 'mode' | 'type'> & { readonly linkname?: string };
  readonly content: Uint8Array;
}

/** @returns the bytes of a tar with these entries in this order, all of owner 0:0 and of 1970 */
export async function packTar(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { header, content } of entries) tar.entry({ ...header, mtime: new Date(0) }, content);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

async function tarEntry(entry: LayerEntry): Promise<TarEntry> {
  const name = entry.path.slice(1);
  const nothing = new Uint8Array();
  if (entry.type === 'directory')
    return { header: { name: `${name}/`, type: 'directory', mode: entry.mode ?? 0o755 }, content: nothing };
  if (entry.type === 'symlink')
    return { header: { name, type: 'symlink', mode: 0o777, linkname: entry.target }, content: nothing };
  const content = 'source' in entry ? await readFile(entry.source) : Buffer.from(entry.content);
  return { header: { name, type: 'file', mode: entry.mode ?? 0o644 }, content };
}
