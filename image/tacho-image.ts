import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePrograms, programFolder } from './bundles.ts';
import { fetchedNode } from './fetched-node.ts';
import type { LayerEntry } from './layer.ts';
import {
  bundledPackages,
  type LicensedPart,
  licencesText,
  licensedLibraries,
  licensedPackage,
} from './licences.ts';
import { libraryNames, localNode, type NodeFiles } from './node-files.ts';
import { runtimeEntries, uid } from './node-runtime.ts';
import { type ImageConfig, type OciImage, type WrittenArchive, writeOciArchive } from './oci-archive.ts';
import { type Architecture, thisArchitecture } from './platform.ts';
import { writeRootFolder } from './root-folder.ts';
import { sbom } from './sbom.ts';
import { type SourceRevision, sourceRevision } from './source-revision.ts';

/** What the image is made of. */
export interface TachoSource {
  readonly repository: string;
  readonly version: string;
}

export interface TachoImage extends TachoSource {
  readonly name: string;
  readonly file: string;
  /** This machine's unless told. */
  readonly architectures?: readonly Architecture[];
}

type Progress = (step: string) => void;

const certificates: LicensedPart = {
  name: 'mozilla-ca-certificates',
  version: 'of Node.js',
  licence: 'MPL-2.0',
  text: '',
};

/**
 * Builds the image of the programs: Node and its libraries in a layer that changes seldom, tacho in one above. Beside the archive
 * it writes the bill of materials of each architecture, which is in the image, too.
 * @param progress is told each step before it starts
 */
export async function buildTachoImage(
  image: TachoImage,
  progress: Progress,
): Promise<WrittenArchive & { readonly boms: readonly string[] }> {
  const { file, name, version, architectures = [thisArchitecture()] } = image;
  return await withImages(image, architectures, progress, async (images, source) => {
    progress(`packing layers and writing ${file}`);
    await mkdir(dirname(file), { recursive: true });
    const boms = images.map(({ architecture, bom }) => ({
      path: file.replace(/(?:\.tar)?$/, `-${architecture}.spdx.json`),
      bom,
    }));
    for (const { path, bom } of boms) await writeFile(path, bom);
    const written = await writeOciArchive({ file, name, images, annotations: labels(version, source) });
    return { ...written, boms: boms.map(({ path }) => path) };
  });
}

/** Writes the files of the image for this machine's processor into a new folder. */
export async function writeTachoRoot(source: TachoSource, folder: string, progress: Progress): Promise<void> {
  await withImages(source, [thisArchitecture()], progress, async ([image]) => {
    progress(`writing ${folder}`);
    await writeRootFolder(folder, image?.layers.flatMap(({ entries }) => entries) ?? []);
  });
}

interface BuiltImage extends OciImage {
  readonly architecture: Architecture;
  readonly bom: string;
}

/** @param use is done with the images before what was fetched for them goes */
async function withImages<Result>(
  { repository, version }: TachoSource,
  architectures: readonly Architecture[],
  progress: Progress,
  use: (images: readonly BuiltImage[], source: SourceRevision | undefined) => Promise<Result>,
): Promise<Result> {
  progress('bundling agent, aggregator and puller');
  const { entries, metafile } = await bundlePrograms(repository, version);
  const source = await sourceRevision(repository);
  // The machine's own Node may be older than what the programs need: it is the one from npm that goes in.
  const nodePackage = dirname(fileURLToPath(import.meta.resolve('node/package.json')));
  const nodePart = licensedPackage(nodePackage);
  const packages = bundledPackages(metafile.outputs).map((folder) =>
    licensedPackage(join(repository, folder)),
  );
  const fetched = await mkdtemp(join(tmpdir(), 'tacho-image-'));
  try {
    const images: BuiltImage[] = [];
    for (const architecture of architectures) {
      progress(`finding Node for ${architecture} and the libraries that it needs`);
      const folder = join(fetched, architecture);
      await mkdir(folder);
      const node =
        architecture === thisArchitecture()
          ? await localNode(join(nodePackage, 'bin', 'node'))
          : await fetchedNode(nodePart.version, architecture, folder);
      const parts = [
        ...[nodePart, certificates],
        ...licensedLibraries(libraryNames(node), node.packages),
        ...packages,
      ];
      const created = source?.committed ?? '1970-01-01T00:00:00Z';
      const bom = sbom(parts, { version, architecture, created });
      const documents = legal(repository, {
        'LICENSES-OF-PARTS': licencesText(parts),
        'sbom.spdx.json': bom,
      });
      images.push({ ...ociImage(version, node, [...entries, ...documents], source), architecture, bom });
    }
    return await use(images, source);
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
}

function ociImage(
  version: string,
  node: NodeFiles,
  entries: readonly LayerEntry[],
  source: SourceRevision | undefined,
): OciImage {
  return {
    layers: [
      { createdBy: 'Node.js and its libraries', entries: runtimeEntries(node) },
      { createdBy: `tacho ${version}`, entries },
    ],
    config: { ...imageConfig, labels: labels(version, source), ...(source && { created: source.committed }) },
  };
}

/** What each container of the image starts as. */
export const imageConfig: ImageConfig = {
  user: `${uid}:${uid}`,
  workingDir: '/',
  // Express shows stack traces to clients unless it is told that this is production.
  env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
};

/** Keys of the OCI image specification, the same as labels of the image and as annotations of its manifest. */
function labels(version: string, source: SourceRevision | undefined): Readonly<Record<string, string>> {
  const values = {
    title: 'tacho',
    description:
      'Live CPU and memory of every node, pod and container of a Kubernetes cluster: agent, aggregator and puller',
    version,
    licenses: 'Apache-2.0',
    ...(source && { revision: source.revision, created: source.committed }),
  };
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`org.opencontainers.image.${key}`, value]),
  );
}

function legal(repository: string, documents: Readonly<Record<string, string>>): readonly LayerEntry[] {
  const all = { LICENSE: readFileSync(join(repository, 'LICENSE')), ...documents };
  return Object.entries(all).map(([name, content]) => ({
    ...{ type: 'file', path: `${programFolder}/${name}`, content },
  }));
}
