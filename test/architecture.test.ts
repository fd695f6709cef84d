import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';
import { rules } from './import-rules.ts';

const repository = normalize(join(import.meta.dirname, '..'));
const ignored = new Set(['node_modules', 'dist', 'gen', '.git']);

interface Source {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
  /** Repository paths of relative imports, names of packages for the others. */
  readonly imports: readonly string[];
}

const importSpecifier = /(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g;

function sources(folder = repository): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ignored.has(entry.name) ? [] : sources(path);
    if (!entry.name.endsWith('.ts')) return [];
    const text = readFileSync(path, 'utf8');
    const imports = [...text.matchAll(importSpecifier)].map(([, name = '']) =>
      name.startsWith('.') ? relative(repository, join(dirname(path), name)) : name,
    );
    return [{ path: relative(repository, path), text, imports }];
  });
}

const all = sources();
const isTest = ({ path }: Source) => /\.(?:test|fuzz)\.ts$|(?:^|\/)(?:test\/|fixture-[^/]+$)/.test(path);
const production = all.filter((source) => !isTest(source));

/** Files of `from` that import something that `forbidden` matches. */
function violations(from: RegExp, forbidden: RegExp, except: readonly string[] = []): string[] {
  return production
    .filter(({ path }) => from.test(path) && !except.includes(path))
    .flatMap(({ path, imports }) =>
      imports.filter((name) => forbidden.test(name)).map((name) => `${path} → ${name}`),
    );
}

test('violations() finds an import that is there', () => {
  expect(violations(/^agent\/src\/sampling\/sampler\.ts$/, /^node-cgroup-stats$/)).toHaveLength(1);
});

test.each(rules)('$from imports nothing that $forbidden matches: $why', ({ from, forbidden, except }) => {
  expect(production.some(({ path }) => from.test(path))).toBe(true);
  expect(violations(from, forbidden, except)).toEqual([]);
});

test('only programs and scripts of the build read the process: its arguments, environment, signals and exit code', () => {
  const readers = production
    .filter(({ text }) =>
      /\bprocess\.(?:argv|env|exit|exitCode|on|once|kill|stdout|stderr)\b|from 'node:process'/.test(text),
    )
    .map(({ path }) => path);
  // program.ts is handed the process by a main.ts; build.ts and generate.ts are scripts that nothing imports.
  expect(readers.sort()).toEqual([
    'agent/node-cgroup-stats/build.ts',
    'agent/src/main.ts',
    'aggregator/src/main.ts',
    'command-line/src/program.ts',
    'image/main.ts',
    'proto/generate.ts',
    'puller/src/main.ts',
  ]);
});

test('time and chance are injected: Date.now, performance.now and Math.random only where things are put together', () => {
  const users = production
    .filter(({ text }) => /(?<!`)\b(?:Date\.now|performance\.now|Math\.random)\b(?!\(\)`)/.test(text))
    .map(({ path }) => path);
  expect(users.sort()).toEqual([
    'agent/node-cgroup-stats/src/cgroup-tree.ts',
    'agent/src/agent.ts',
    // In the browser.
    'agent/src/debug/page/browser/page.ts',
    'aggregator/src/aggregator.ts',
    'puller/src/puller.ts',
  ]);
});

test('no folder is a drawer for anything', () => {
  const drawers = all.filter(({ path }) => /(?:^|\/)(?:utils?|common|shared|helpers?|misc|lib)\//.test(path));
  expect(drawers.map(({ path }) => path)).toEqual([]);
});

test('no folder of the programs is part of a cycle of imports', () => {
  const folders = new Map<string, Set<string>>();
  for (const { path, imports } of production) {
    const from = dirname(path);
    const targets = folders.get(from) ?? new Set();
    folders.set(from, targets);
    for (const name of imports) {
      const to = dirname(name);
      if (to !== from && all.some((source) => source.path === name)) targets.add(to);
    }
  }
  const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
    [...(folders.get(from) ?? [])].some((to) => {
      if (to === goal) return true;
      if (seen.has(to)) return false;
      seen.add(to);
      return reaches(to, goal, seen);
    });
  expect([...folders.keys()].filter((folder) => reaches(folder, folder, new Set()))).toEqual([]);
});

test('source files have at most 250 lines', () => {
  const long = all.filter(({ text }) => text.split('\n').length > 251).map(({ path }) => path);
  expect(long).toEqual([]);
});
