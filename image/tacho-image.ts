import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePrograms, programFolder } from './bundles.ts';
import { bundledPackages, licencesText, licensedLibraries, licensedPackage } from './licences.ts';
import { nodeRuntime, uid } from './node-runtime.ts';
import { type WrittenImage, writeOciArchive } from './oci-archive.ts';
import { sourceRevision } from './source-revision.ts';

export interface TachoImage {
  readonly repository: string;
  readonly version: string;
  readonly name: string;
  readonly file: string;
}

/**
 * Builds the image of both programs: Node and its libraries in a layer that changes seldom, tacho in one above.
 * @param progress is told each step before it starts
 */
export async function buildTachoImage(
  image: TachoImage,
  progress: (step: string) => void,
): Promise<WrittenImage> {
  const { repository, version } = image;
  progress('bundling agent and aggregator');
  const { entries, metafile } = await bundlePrograms(repository, version);
  progress('finding Node and the libraries that it needs');
  // The machine's own Node may be older than what the programs need: it is the one from npm that goes in.
  const nodePackage = dirname(fileURLToPath(import.meta.resolve('node/package.json')));
  const node = await nodeRuntime(join(nodePackage, 'bin', 'node'));
  const licences = licencesText([
    licensedPackage(nodePackage),
    ...licensedLibraries(node.libraries.map((path) => basename(path))),
    ...bundledPackages(metafile.outputs).map((folder) => licensedPackage(join(repository, folder))),
  ]);
  const source = await sourceRevision(repository);
  progress(`packing layers and writing ${image.file}`);
  await mkdir(dirname(image.file), { recursive: true });
  return await writeOciArchive({
    file: image.file,
    name: image.name,
    layers: [
      { createdBy: 'Node.js and its libraries', entries: node.entries },
      {
        createdBy: `tacho ${version}`,
        entries: [
          ...entries,
          {
            type: 'file',
            path: `${programFolder}/LICENSE`,
            content: readFileSync(join(repository, 'LICENSE')),
          },
          { type: 'file', path: `${programFolder}/LICENSES-OF-PARTS`, content: licences },
        ],
      },
    ],
    config: {
      user: `${uid}:${uid}`,
      workingDir: '/',
      // Express shows stack traces to clients unless it is told that this is production.
      env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
      labels: {
        'org.opencontainers.image.title': 'tacho',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        ...(source === undefined ? {} : { 'org.opencontainers.image.revision': source.revision }),
      },
      ...(source === undefined ? {} : { created: source.committed }),
    },
  });
}
