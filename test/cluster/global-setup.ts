import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { ProcessIdentity } from './rig/process-identity.ts';
import { downOwned, thisProcess } from './rig/start-cluster.ts';

/** What the files of the tier are told, since each runs in a process of its own. */
export interface ClusterOfRun {
  /** The run of vitest: the cluster goes when it ends. */
  readonly owner: ProcessIdentity;
  /** Where the first file puts tacho's image, and notes what became of the cluster. */
  readonly folder: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly clusterOfRun: ClusterOfRun;
  }
}

/** Starts nothing: the tiers before this one look at the clock, and a cluster would keep the processors busy. */
export function setup(project: TestProject): () => Promise<void> {
  const owner = thisProcess();
  const folder = mkdtempSync(join(tmpdir(), `tacho-tier-${owner.pid}-`));
  project.provide('clusterOfRun', { owner, folder });
  // A run that is interrupted exits without its teardown.
  const atExit = () => {
    const main = join(import.meta.dirname, 'main.ts');
    spawnSync(process.execPath, [main, 'down', '--owner', `${owner.pid}`], { stdio: 'inherit' });
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  return async () => {
    process.off('exit', atExit);
    rmSync(folder, { recursive: true, force: true });
    await downOwned(owner.pid, (line) => void process.stdout.write(`${line}\n`));
  };
}
