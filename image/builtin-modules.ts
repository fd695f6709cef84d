import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const namespace = 'builtin';

/**
 * Lets a bundle take Node's own modules as they are, as `require` would. For an `import` of one Node fills a module
 * namespace and so looks at every export: of `node:http` also at those that load all of undici when looked at.
 */
export const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      isBuiltin(path) && (kind === 'import-statement' || kind === 'dynamic-import')
        ? { path: path.startsWith('node:') ? path : `node:${path}`, namespace, sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
