/**
 * Makes the folder that is published: `npm run build -w node-cgroup-stats`, then `npm publish agent/node-cgroup-stats/dist`.
 * Inside the repository the sources themselves are imported; Node refuses to strip types below node_modules, so what
 * is published has to be JavaScript.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { argv, execPath } from 'node:process';

const here = import.meta.dirname;
const out = resolve(argv[2] ?? join(here, 'dist'));
const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin',
  'tsc',
);

rmSync(out, { recursive: true, force: true });
execFileSync(execPath, [compiler, '-p', join(here, 'tsconfig.build.json'), '--outDir', out], {
  stdio: 'inherit',
});

const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as Record<
  string,
  unknown
>;
const published = {
  ...manifest,
  types: './index.d.ts',
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
};
writeFileSync(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
copyFileSync(join(here, 'README.md'), join(out, 'README.md'));
copyFileSync(join(here, '..', '..', 'LICENSE'), join(out, 'LICENSE'));
