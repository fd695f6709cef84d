/** `npm run manifests`: writes what Helm would install, as one file for `kubectl apply`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { helpText, parseCommandLine, problemsText, text } from '@tacho/command-line';
import manifest from '../../package.json' with { type: 'json' };
import { manifests } from './components.ts';

const program = 'npm run manifests --';
const flags = {
  image: text({
    help: 'What the image is called, with host and tag.',
    placeholder: 'HOST/PATH:TAG',
    default: `localhost/tacho:${manifest.version}`,
  }),
  output: text({ help: 'File to write.', placeholder: 'FILE', default: 'dist/components.yaml' }),
};

const line = parseCommandLine(flags, process.argv.slice(2), process.env);
if (line.kind === 'run') {
  try {
    const file = resolve(line.values.output);
    const written = await manifests(line.values.image);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, written);
    process.stdout.write(`manifests: ${relative('', file)}; kubectl apply -f ${relative('', file)}\n`);
  } catch (error) {
    process.stderr.write(`manifests: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} else if (line.kind === 'problems') {
  process.stderr.write(problemsText(program, line.problems));
  process.exitCode = 2;
} else {
  const summary =
    'Writes the chart with its defaults as one file for kubectl apply, for the namespace kube-system.';
  process.stdout.write(
    line.kind === 'help' ? helpText(program, summary, flags) : `tacho manifests ${manifest.version}\n`,
  );
}
