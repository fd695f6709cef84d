/** `npm run image`: builds the container image, with nothing but what npm has installed. */
import { join, relative, resolve } from 'node:path';
import { helpText, parseCommandLine, problemsText, text } from '@tacho/command-line';
import manifest from '../package.json' with { type: 'json' };
import { buildTachoImage } from './tacho-image.ts';

const { version } = manifest;
const program = 'npm run image --';
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
};
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function build(name: string, output: string): Promise<void> {
  const repository = join(import.meta.dirname, '..');
  const file = resolve(output);
  const { manifest, layers, archiveBytes } = await buildTachoImage(
    { repository, version, name, file },
    (step) => process.stdout.write(`image: ${step} …\n`),
  );
  const unpackedBytes = layers.reduce((sum, layer) => sum + layer.unpackedBytes, 0);
  process.stdout.write(
    `image: ${name} ${manifest.digest}\n` +
      `image: ${relative('', file)}, ${mebibytes(archiveBytes)}, unpacked ${mebibytes(unpackedBytes)}\n`,
  );
}

const line = parseCommandLine(flags, process.argv.slice(2), process.env);
if (line.kind === 'run') {
  const { name, output } = line.values;
  try {
    await build(name, output);
  } catch (error) {
    process.stderr.write(
      `image: cannot be built: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  }
} else if (line.kind === 'problems') {
  process.stderr.write(problemsText(program, line.problems));
  process.exitCode = 2;
} else {
  const summary =
    'Builds the container image of agent and aggregator as an OCI archive. Needs no root and no container engine.';
  process.stdout.write(line.kind === 'help' ? helpText(program, summary, flags) : `tacho image ${version}\n`);
}
