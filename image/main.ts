/** `npm run image`: builds the container image, with nothing but what npm has installed. */
import { join, relative, resolve } from 'node:path';
import { optionalText, runCommand, text, textList } from '@tacho/command-line';
import manifest from '../package.json' with { type: 'json' };
import { architectures, thisArchitecture } from './platform.ts';
import { buildTachoImage, writeTachoRoot } from './tacho-image.ts';

const { version } = manifest;
const flags = {
  name: text({
    help: 'What the image is called in a pod’s spec, with host and tag.',
    placeholder: 'HOST/PATH:TAG',
    default: `localhost/tacho:${version}`,
  }),
  output: text({
    help: 'OCI archive to write.',
    placeholder: 'FILE',
    default: 'dist/tacho-image.tar',
  }),
  root: optionalText({
    help: 'Folder to write the image’s files to, as they are seen inside of it, instead of an archive; it must not exist.',
    placeholder: 'FOLDER',
  }),
  architecture: textList({
    help: 'Processor that the image is for, amd64 or arm64; given twice, for both in one archive. By default this machine’s. For another one apt and npm fetch what it needs.',
    placeholder: 'NAME',
    shape: { pattern: /^(?:amd64|arm64)$/, expected: 'amd64 or arm64' },
  }),
};
const progress = (step: string) => void process.stdout.write(`image: ${step} …\n`);
const repository = join(import.meta.dirname, '..');
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function build(name: string, output: string, wanted: readonly string[]): Promise<void> {
  const file = resolve(output);
  const chosen =
    wanted.length === 0 ? [thisArchitecture()] : architectures.filter((each) => wanted.includes(each));
  const { digest, images, archiveBytes, boms } = await buildTachoImage(
    { repository, version, name, file, architectures: chosen },
    progress,
  );
  const lines = [
    `${name} ${digest}`,
    ...images.map(({ architecture, layers }) => {
      const sum = (bytesOf: (layer: (typeof layers)[number]) => number) =>
        mebibytes(layers.reduce((bytes, layer) => bytes + bytesOf(layer), 0));
      const [compressed, unpacked] = [sum(({ size }) => size), sum(({ unpackedBytes }) => unpackedBytes)];
      return `${architecture}: ${compressed} compressed, ${unpacked} unpacked`;
    }),
    `${relative('', file)}, ${mebibytes(archiveBytes)}; ${boms.map((bom) => relative('', bom)).join(', ')}`,
  ];
  process.stdout.write(lines.map((each) => `image: ${each}\n`).join(''));
}

process.exitCode = await runCommand(
  {
    typed: 'npm run image --',
    title: 'tacho image',
    version,
    summary:
      'Builds the container image of agent, aggregator and puller as an OCI archive. Needs no root and no container engine.',
    flags,
    failed: 'image: cannot be built',
    async run({ name, output, root, architecture = [] }) {
      if (root === undefined) await build(name, output, architecture);
      else await writeTachoRoot({ repository, version }, resolve(root), progress);
    },
  },
  process,
);
