import { extract, type Header } from 'tar-stream';

/** @returns every entry of a tar with what it holds, in the tar's order */
export async function readTar(
  tar: Uint8Array,
): Promise<readonly { readonly header: Header; readonly content: Buffer }[]> {
  const entries: { header: Header; content: Buffer }[] = [];
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    entries.push({ header: entry.header, content: Buffer.concat(chunks) });
  }
  return entries;
}
