import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A directory of plain files that stands for a mounted cgroup file system; removed at the end of a `using` block. */
export interface FixtureTree extends Disposable {
  readonly directory: string;
  /** Writes a file, its directories too. */
  write(path: string, text: string): void;
  remove(path: string): void;
}

export function createFixtureTree(files: Readonly<Record<string, string>> = {}): FixtureTree {
  const directory = mkdtempSync(join(tmpdir(), 'node-cgroup-stats-'));
  const tree: FixtureTree = {
    directory,
    write(path, text) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    },
    remove: (path) => rmSync(join(directory, path), { recursive: true }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}
