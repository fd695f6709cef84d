import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

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
  expect(violations(/^agent\/src\/sampler\.ts$/, /^node-cgroup-stats$/)).toHaveLength(1);
});

/** What must not know what, and why. */
const rules: readonly { why: string; from: RegExp; forbidden: RegExp; except?: readonly string[] }[] = [
  {
    why: 'the programs share a contract, not code',
    from: /^agent\//,
    forbidden: /^(?:aggregator\/|@tacho\/aggregator)/,
  },
  {
    why: 'the programs share a contract, not code',
    from: /^aggregator\//,
    forbidden: /^(?:agent\/|@tacho\/agent|node-cgroup-stats)/,
  },
  { why: 'what is shipped knows no test', from: /^/, forbidden: /^test\// },
  {
    why: 'node-cgroup-stats has no dependency and has never heard of Kubernetes',
    from: /^agent\/node-cgroup-stats\/src\//,
    forbidden: /^(?!agent\/node-cgroup-stats\/|node:)/,
  },
  {
    why: 'the contract stands below both programs',
    from: /^proto\//,
    forbidden: /^(?:(?:agent|aggregator|command-line)\/|@tacho\/|node-cgroup-stats)/,
  },
  {
    why: 'flags stand below both programs',
    from: /^command-line\//,
    forbidden: /^(?:(?:agent|aggregator|proto)\/|@tacho\/|node-cgroup-stats)/,
  },
  {
    why: 'the image takes the programs as files',
    from: /^image\//,
    forbidden: /^(?:(?:agent|aggregator|proto)\/|@tacho\/(?!command-line)|node-cgroup-stats)/,
  },
  { why: 'programs do not know how they are packed', from: /^(?!image\/)/, forbidden: /^image\// },
  {
    why: 'rates are arithmetic',
    from: /^agent\/src\/usage\//,
    forbidden: /^(?:node[:-]|agent\/src\/(?!usage\/)|@)/,
  },
  {
    why: 'names know nothing of rates and streams',
    from: /^agent\/src\/pods\//,
    forbidden: /^agent\/src\/(?!pods\/)/,
  },
  {
    why: 'signals know nothing of names, ticks, streams and of who looks at them',
    from: /^agent\/src\/signals\//,
    forbidden: /^(?:agent\/src\/(?!signals\/)|@|express)/,
  },
  {
    why: 'the debug endpoint shows what it is handed',
    from: /^agent\/src\/debug\//,
    forbidden: /^(?:agent\/src\/(?!(?:debug|usage|signals|listener)\/)|node-cgroup-stats)/,
  },
  {
    why: 'listening knows nothing of what is served',
    from: /^agent\/src\/listener\//,
    forbidden: /^(?:express|agent\/src\/(?!listener\/)|node-cgroup-stats|@)/,
  },
  {
    why: 'health is told; it looks at nothing of the agent itself',
    from: /^agent\/src\/health\//,
    forbidden: /^(?:express|agent\/src\/(?!(?:health|listener)\/)|node-cgroup-stats|@)/,
  },
  {
    why: 'pushing knows nothing of cgroups',
    from: /^agent\/src\/push\//,
    forbidden: /^(?:agent\/src\/(?!push\/)|node-cgroup-stats)/,
  },
  {
    why: 'the API is values in, values out',
    from: /^aggregator\/src\/api\//,
    forbidden: /^(?:node:(?!buffer$|crypto$)|express|@grpc|@kubernetes|aggregator\/src\/(?!api\/))/,
  },
  {
    why: 'flags are words in, values out',
    from: /^aggregator\/src\/flags\//,
    forbidden: /^(?:node:|express|@grpc|@kubernetes|aggregator\/src\/(?!(?:flags|api|identity|serving)\/))/,
  },
  {
    why: 'following files knows nothing of what is in them',
    from: /^aggregator\/src\/files\//,
    forbidden: /^(?!node:(?:fs|path)$|aggregator\/src\/files\/)/,
  },
  {
    why: 'the snapshot knows no socket',
    from: /^aggregator\/src\/snapshot\//,
    forbidden: /^(?:node:|express|@grpc)/,
  },
  {
    why: 'who asks is settled before anything is served',
    from: /^aggregator\/src\/identity\//,
    forbidden: /^(?:express|@|aggregator\/src\/(?!(?:identity|api|kube|files)\/))/,
  },
  {
    why: 'what follows the cluster serves nobody',
    from: /^aggregator\/src\/kube\//,
    forbidden: /^aggregator\/src\/(?!kube\/)/,
  },
  {
    why: 'ingest ends at the snapshot',
    from: /^aggregator\/src\/ingest\//,
    forbidden: /^aggregator\/src\/(?:api|serving|identity)\//,
  },
  {
    why: 'own metrics are told; they look at nothing of the aggregator themselves',
    from: /^aggregator\/src\/metrics\//,
    forbidden: /^(?:node:(?!crypto$)|express|@grpc|aggregator\/src\/(?!metrics\/))/,
  },
  {
    why: 'only the metrics know the library that prints them',
    from: /^(?!aggregator\/src\/metrics\/)/,
    forbidden: /^prom-client$/,
    except: ['agent/src/health/agent-metrics.ts'],
  },
  {
    why: 'only the adapters know express',
    from: /^/,
    forbidden: /^express$/,
    except: ['aggregator/src/serving/api-server.ts', 'agent/src/debug/debug-app.ts'],
  },
  {
    why: 'kernel files are opened in one place',
    from: /^agent\/node-cgroup-stats\/src\//,
    forbidden: /^node:fs/,
    except: ['agent/node-cgroup-stats/src/file-calls.ts', 'agent/node-cgroup-stats/src/host-filesystem.ts'],
  },
];

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
  ]);
});

test('time and chance are injected: Date.now, performance.now and Math.random only where things are put together', () => {
  const users = production
    .filter(({ text }) => /(?<!`)\b(?:Date\.now|performance\.now|Math\.random)\b(?!\(\)`)/.test(text))
    .map(({ path }) => path);
  expect(users.sort()).toEqual([
    'agent/node-cgroup-stats/src/cgroup-tree.ts',
    'agent/src/agent.ts',
    'aggregator/src/aggregator.ts',
  ]);
});

test('no folder is a drawer for anything', () => {
  const drawers = all.filter(({ path }) => /(?:^|\/)(?:utils?|common|shared|helpers?|misc|lib)\//.test(path));
  expect(drawers.map(({ path }) => path)).toEqual([]);
});

test('no folder of the two programs is part of a cycle of imports', () => {
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
