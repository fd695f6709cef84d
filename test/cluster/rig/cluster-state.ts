import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/** What must be known of a cluster to use it, and to take it down when its owner cannot. */
export interface ClusterState {
  readonly name: string;
  /** With it ends the cluster; undefined for one that lives until it is taken down. */
  readonly owner?: ProcessIdentity;
  readonly nodes: readonly string[];
  /** Folder of the programs that it runs. */
  readonly binaries: string;
  /** Name of tacho's image. */
  readonly tacho: string;
  readonly graceSeconds: number;
  readonly leaseSeconds: number;
}

const prefix = 'tacho-cluster-';
const file = 'cluster.json';

/** Makes a folder for a new cluster; its last part is the name under which the cluster's cgroups are found. */
export function makeClusterFolder(label: string): string {
  // Mounts and namespaces know real paths.
  return mkdtempSync(join(realpathSync(tmpdir()), `${prefix}${label}-`));
}

/** Whole or not at all, since it may be read at any moment. */
export function writeClusterState(folder: string, state: ClusterState): void {
  const path = join(folder, file);
  writeFileSync(`${path}.partial`, JSON.stringify(state));
  renameSync(`${path}.partial`, path);
}

/** @throws when the folder is not one of a cluster */
export function readClusterState(folder: string): ClusterState {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf8')) as ClusterState;
  } catch (cause) {
    throw new Error(`opening the cluster in ${folder}: expected its ${file}`, { cause });
  }
}

/** Folders of all clusters of this user, whether they run or not. */
export function clusterFolders(): readonly string[] {
  const parent = realpathSync(tmpdir());
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name))
    .filter((folder) => isOfCluster(folder));
}

/** Everyone may make files in the temporary folder: only what is ours is believed. */
function isOfCluster(folder: string): boolean {
  try {
    if (statSync(folder).uid !== process.getuid?.()) return false;
    if (statSync(join(folder, file), { throwIfNoEntry: false }) !== undefined) return true;
    // Its owner ended before it had written a word. One that is being made now is in use, if only for a moment.
    if (Date.now() - statSync(folder).mtimeMs > 60_000) rmdirSync(folder);
  } catch {
    // Not empty, or somebody else was faster.
  }
  return false;
}
