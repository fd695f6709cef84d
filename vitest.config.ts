import { defineConfig } from 'vitest/config';

const files = (folder: string, kind: string) => `${folder}/**/*.${kind}.ts`;
const packages = ['command-line', 'proto', 'agent', 'aggregator'];
const exclude = ['**/node_modules/**', '**/dist/**'];

/** What each tier is for stands in docs/testing.md. */
export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      { test: { name: 'architecture', include: ['test/architecture.test.ts'], exclude } },
      {
        test: {
          name: 'unit',
          include: [...packages, 'test/stand-ins', 'test/one-machine', 'test/bench'].map((folder) =>
            files(folder, 'test'),
          ),
          exclude,
        },
      },
      {
        test: {
          name: 'fuzz',
          include: packages.map((folder) => files(folder, 'fuzz')),
          exclude,
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'machine',
          include: ['test/machine/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
