import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const packages = ['command-line', 'proto', 'push', 'listener', 'puller', 'agent', 'aggregator'];
const unitFolders = [
  ...packages,
  'image',
  'test/stand-ins',
  'test/one-machine',
  'test/bench',
  'test/documents',
  'test/cluster/rig',
  'test/cluster/side-by-side',
  'test/faults/site',
];

/** Tiers with a higher order start when the lower ones have ended: those that look at the clock run alone. */
function tier(
  name: string,
  order: number,
  include: readonly string[],
  longest: { readonly testMs: number; readonly hookMs: number },
  parallel: boolean,
): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include: [...include],
      exclude: ['**/node_modules/**', '**/dist/**'],
      testTimeout: longest.testMs,
      hookTimeout: longest.hookMs,
      fileParallelism: parallel,
      // Half of a unit run was loading the same modules again for every file.
      isolate: order > 0,
      sequence: { groupOrder: order },
    },
  };
}

/** Cases wait most of the time, so some run beside each other; each in namespaces of its own. */
function faultsTier(): TestProjectInlineConfiguration {
  const longest = { testMs: 400_000, hookMs: 30_000 };
  const { test } = tier('faults', 5, ['test/faults/*.test.ts'], longest, false);
  return { test: { ...test, maxConcurrency: 3 } };
}

function clusterTier(): TestProjectInlineConfiguration {
  const longest = { testMs: 300_000, hookMs: 600_000 };
  const { test } = tier('cluster', 6, ['test/cluster/*.test.ts'], longest, false);
  return { test: { ...test, globalSetup: ['test/cluster/global-setup.ts'] } };
}

/** What each tier proves and needs stands in docs/testing.md. */
export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      tier(
        'architecture',
        0,
        ['test/architecture.test.ts', 'test/documentation.test.ts'],
        { testMs: 10_000, hookMs: 10_000 },
        true,
      ),
      tier(
        'unit',
        0,
        ['test/closing-line.test.ts', ...unitFolders.map((folder) => `${folder}/**/*.test.ts`)],
        { testMs: 30_000, hookMs: 30_000 },
        true,
      ),
      tier(
        'fuzz',
        1,
        packages.map((folder) => `${folder}/**/*.fuzz.ts`),
        { testMs: 600_000, hookMs: 10_000 },
        true,
      ),
      tier('chart', 1, ['test/chart/**/*.test.ts'], { testMs: 30_000, hookMs: 30_000 }, true),
      tier('clients', 2, ['test/clients/**/*.test.ts'], { testMs: 120_000, hookMs: 600_000 }, false),
      tier('page', 2, ['test/page/**/*.test.ts'], { testMs: 60_000, hookMs: 60_000 }, false),
      tier('machine', 3, ['test/machine/**/*.test.ts'], { testMs: 120_000, hookMs: 120_000 }, false),
      tier('kernel', 4, ['test/kernel/**/*.test.ts'], { testMs: 120_000, hookMs: 240_000 }, false),
      faultsTier(),
      clusterTier(),
    ],
  },
});
