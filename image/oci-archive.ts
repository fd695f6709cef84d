import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { type LayerEntry, packLayer, packTar, type TarEntry } from './layer.ts';

/** How layers are stored; what is run is the same. */
export type Compression = 'zstd' | 'none';

export interface LayerSource {
  /** What stands in the image's history for this layer. */
  readonly createdBy: string;
  readonly entries: readonly LayerEntry[];
}

/** What a container of the image starts as, in the words of the OCI image specification. */
export interface ImageConfig {
  readonly user?: string;
  readonly workingDir?: string;
  readonly env?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339. Without it the image has no date. */
  readonly created?: string;
}

export interface OciArchive {
  /** Where to write. Only a whole archive ever appears there. */
  readonly file: string;
  /** Host, path and tag, as a pod's spec names the image: `localhost/tacho:0.1.0`. */
  readonly name: string;
  /** Lowest first. */
  readonly layers: readonly LayerSource[];
  readonly config: ImageConfig;
  /** zstd unless told. */
  readonly compression?: Compression;
}

/** A descriptor of the OCI image specification. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface WrittenImage {
  readonly manifest: Descriptor;
  readonly layers: readonly (Descriptor & { readonly unpackedBytes: number })[];
  readonly archiveBytes: number;
}

interface Blob extends Descriptor {
  readonly content: Uint8Array;
}

/**
 * Writes an OCI image layout of one image for this machine's processor as a tar (OCI image specification 1.1), which
 * `ctr images import`, `podman load` and `skopeo copy oci-archive:` read. The same input gives the same bytes.
 * @throws when the name has no tag, an entry cannot be packed, or the file cannot be written
 */
export async function writeOciArchive(archive: OciArchive): Promise<WrittenImage> {
  const { file, name, compression = 'zstd' } = archive;
  const tag = /^[^:/]+(?::\d+)?\/.+:([\w][\w.-]*)$/.exec(name)?.[1];
  if (tag === undefined)
    throw new Error(`Cannot name the image "${name}": expected HOST/PATH:TAG, such as localhost/tacho:0.1.0`);
  const layers: { blob: Blob; diffId: string; unpackedBytes: number }[] = [];
  for (const layer of archive.layers) {
    const tar = await packLayer(layer.entries);
    const content = await compressors[compression](tar);
    const mediaType = `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`;
    layers.push({ blob: blob(mediaType, content), diffId: digest(tar), unpackedBytes: tar.length });
  }
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    ...(archive.config.created === undefined ? {} : { created: archive.config.created }),
    architecture: architecture(arch()),
    os: 'linux',
    config: configFields(archive.config),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: archive.layers.map(({ createdBy }) => ({ created_by: createdBy })),
  });
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor(config),
    layers: layers.map(({ blob }) => descriptor(blob)),
  });
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor(manifest),
        // containerd takes the whole name from its own annotation, others the tag from the specification's.
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': tag },
      },
    ],
  };
  const blobs = new Map(
    [config, manifest, ...layers.map(({ blob }) => blob)].map((each) => [each.digest, each]),
  );
  const bytes = await packTar([
    tarFile('oci-layout', json({ imageLayoutVersion: '1.0.0' })),
    tarFile('index.json', json(index)),
    ...[...blobs.values()].map(({ digest, content }) =>
      tarFile(`blobs/${digest.replace(':', '/')}`, content),
    ),
  ]);
  await writeFile(`${file}.partial`, bytes);
  await rename(`${file}.partial`, file);
  return {
    manifest: descriptor(manifest),
    layers: layers.map(({ blob, unpackedBytes }) => ({ ...descriptor(blob), unpackedBytes })),
    archiveBytes: bytes.length,
  };
}

const compressors: Readonly<Record<Compression, (tar: Buffer) => Promise<Uint8Array>>> = {
  // At its usual level a tenth smaller than gzip and written six times faster, and imported sooner than tar that is not
  // compressed; containerd reads it since 1.5.
  zstd: (tar) => promisify(zstdCompress)(tar),
  none: async (tar) => tar,
};

function configFields(config: ImageConfig): Record<string, unknown> {
  const { user, workingDir, env, entrypoint, cmd, labels } = config;
  // What is undefined does not become JSON.
  return { User: user, Env: env, Entrypoint: entrypoint, Cmd: cmd, WorkingDir: workingDir, Labels: labels };
}

/** The name of a processor in images is that of Go. */
function architecture(nodeName: string): string {
  return nodeName === 'x64' ? 'amd64' : nodeName;
}

function digest(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function blob(mediaType: string, content: Uint8Array): Blob {
  return { mediaType, digest: digest(content), size: content.length, content };
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, json(value));
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function descriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function tarFile(name: string, content: Uint8Array): TarEntry {
  return { header: { name, type: 'file', mode: 0o644 }, content };
}
