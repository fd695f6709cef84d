/** `npm run manifests`: writes what Helm would install, as one file for `kubectl apply`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { runCommand, text } from '@tacho/command-line';
import manifest from '../../package.json' with { type: 'json' };
import { manifests } from './components.ts';

process.exitCode = await runCommand(
  {
    typed: 'npm run manifests --',
    title: 'tacho manifests',
    version: manifest.version,
    summary:
      'Writes the chart with its defaults as one file for kubectl apply, for the namespace kube-system.',
    flags: {
      image: text({
        help: 'What the image is called, with host and tag.',
        placeholder: 'HOST/PATH:TAG',
        default: `localhost/tacho:${manifest.version}`,
      }),
      output: text({ help: 'File to write.', placeholder: 'FILE', default: 'dist/components.yaml' }),
    },
    failed: 'manifests',
    async run({ image, output }) {
      const file = resolve(output);
      const written = await manifests(image);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, written);
      process.stdout.write(`manifests: ${relative('', file)}; kubectl apply -f ${relative('', file)}\n`);
    },
  },
  process,
);
