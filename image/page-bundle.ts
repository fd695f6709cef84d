import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const folder = 'agent/src/debug/page/browser';
const uPlotStyle = 'node_modules/uplot/dist/uPlot.min.css';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
};
/** The first that know light-dark(), which the page's colours are made of. */
const browsers = ['chrome123', 'firefox120', 'safari17.5'];

/** The debug page in one module: what its files are, and what is in them from other packages. */
export interface PageBundle {
  /** Source of a module that exports `pageFiles()`, as agent/src/debug/page/page-files.ts does. */
  readonly module: string;
  readonly metafile: Metafile;
}

/**
 * Bundles the browser's part of the debug page into one script, minified: it goes through a port-forward.
 * @param repository its folder
 */
export async function bundlePage(repository: string): Promise<PageBundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: repository,
    entryPoints: [`${folder}/page.ts`],
    outdir: 'dist',
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: browsers,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const names = (await readdir(join(repository, folder))).filter((name) => extname(name) in types).sort();
  const written = await Promise.all(
    names.map(async (name) => [
      name === 'index.html' ? '/' : `/${name}`,
      await readFile(join(repository, folder, name), 'utf8'),
    ]),
  );
  const files = [
    ...written,
    ['/uplot.css', await readFile(join(repository, uPlotStyle), 'utf8')],
    ['/page.js', outputFiles[0]?.text ?? ''],
  ].map(([path = '', body]) => [path, { type: types[extname(path) || '.html'], body }]);
  const module = `const files = ${JSON.stringify(files)};
export const pageFiles = async () => new Map(files);
`;
  return { module, metafile };
}

/**
 * Has the bundler take the bundled page where the agent imports its page's files.
 * @param onBundled is told what is in the page
 */
export function pagePlugin(repository: string, onBundled: (metafile: Metafile) => void): Plugin {
  return {
    name: 'tacho-page',
    setup({ onLoad }) {
      onLoad({ filter: /agent\/src\/debug\/page\/page-files\.ts$/ }, async () => {
        const { module, metafile } = await bundlePage(repository);
        onBundled(metafile);
        return { contents: module, loader: 'js' };
      });
    },
  };
}
