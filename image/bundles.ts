import { posix } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { builtinModules } from './builtin-modules.ts';
import type { LayerEntry } from './layer.ts';
import { pagePlugin } from './page-bundle.ts';

/** Where the programs are inside the image. */
export const programFolder = '/opt/tacho';

const entryPoints = {
  agent: 'agent/src/main.ts',
  aggregator: 'aggregator/src/main.ts',
  puller: 'puller/src/main.ts',
};

/** What CommonJS packages expect to be there, for each file of the output. */
const requireForPackages =
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);";

/**
 * Bundles the programs as ES modules: what several use is in chunks of its own, and so is what is imported lazily. Nothing is
 * minified: a stack trace from a cluster can be read as it is, and the agent would save 1 MiB of 74.
 * @param repository its folder; no other path of this machine reaches the output
 */
export async function bundlePrograms(
  repository: string,
  version: string,
): Promise<{ readonly entries: readonly LayerEntry[]; readonly metafile: Metafile }> {
  let ofPage: Metafile['outputs'] = {};
  const { outputFiles, metafile } = await build({
    absWorkingDir: repository,
    entryPoints,
    // Nothing is written, but names of outputs are relative to it.
    outdir: 'dist',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Licences stand in a file of their own.
    legalComments: 'none',
    banner: { js: requireForPackages },
    plugins: [builtinModules, pagePlugin(repository, ({ outputs }) => (ofPage = outputs))],
    logLevel: 'silent',
  });
  const modules = outputFiles.map(
    ({ path, contents }): LayerEntry => ({
      type: 'file',
      path: `${programFolder}/${posix.basename(path)}`,
      content: asciiOnly(Buffer.from(contents).toString()),
    }),
  );
  // Says that the files beside it are ES modules; without it Node parses each of them twice to find out.
  const manifest = JSON.stringify({ name: 'tacho', version, type: 'module', private: true });
  return {
    entries: [...modules, { type: 'file', path: `${programFolder}/package.json`, content: `${manifest}\n` }],
    metafile: { ...metafile, outputs: { ...metafile.outputs, ...ofPage } },
  };
}

/**
 * Program text with every other character escaped, as esbuild does it in strings but not in comments and regular
 * expressions: a single one, and V8 keeps two bytes for each character of the file.
 */
function asciiOnly(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
