import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath, pid as ownPid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { makeUncachedFile } from './cached-file.ts';
import { type ClaimRefused, claimCgroup } from './cgroup-claim.ts';
import { createCgroupTree } from './cgroup-tree.ts';
import { createContainerLogs } from './container-logs.ts';
import { type ContainerRestart, createPod, type Pod, type PodLifetime } from './pod.ts';
import { QOS_DIRECTORIES } from './pod-cgroup-path.ts';
import { demoPods, type PodSpec } from './pod-spec.ts';
import { type ProgramFiles, programCommand } from './program-command.ts';
import { newRunName } from './run-name.ts';
import { temporaryFolders } from './stale-workloads.ts';

export interface WorkloadsOptions {
  /** The pods to begin with; demoPods() when not given. */
  readonly pods?: readonly PodSpec[];
  /** Where /sys/fs/cgroup of this machine is mounted. */
  readonly cgroupRoot?: string;
  /** Where the folder for links, logs and files is made; the operating system's own when not given. */
  readonly tempDir?: string;
  /** Called after a container has been started anew, with its link in place. */
  readonly onRestart?: (restart: ContainerRestart) => void;
  /** A container that could not be started anew; it stays away, the rest goes on. */
  readonly onFailure?: (failure: Error) => void;
}

/** Real processes in real cgroups, in the shape that a kubelet with containerd and the cgroupfs driver gives them. */
export interface Workloads {
  readonly kind: 'running';
  readonly cgroupVersion: 1 | 2;
  /** The kubepods cgroup relative to the root of each hierarchy. */
  readonly kubepodsPath: string;
  /** What a node has as /var/log/containers. */
  readonly containerLogs: string;
  readonly pods: readonly Pod[];
  /** Resolves when its containers have started; leaves nothing of the pod behind when that fails. */
  addPod(spec: PodSpec): Promise<Pod>;
  /** Resolves when nothing of the pod is left. Every pod of that name, in whichever namespace. */
  deletePod(name: string): Promise<void>;
  /** Ends everything and removes every cgroup and file. Again is fine. */
  close(): Promise<void>;
}

/** Answers with a reason, and never throws, where this user may not make cgroups. Throws when a start fails otherwise. */
export async function startWorkloads(options: WorkloadsOptions = {}): Promise<Workloads | ClaimRefused> {
  const name = newRunName(ownPid);
  const claim = claimCgroup(name, options.cgroupRoot ?? '/sys/fs/cgroup');
  if (claim.kind === 'refused') return claim;
  const tree = createCgroupTree(claim);
  const folders = temporaryFolders(options.tempDir).map((folder) => join(folder, name));
  const [folder = name] = folders;
  const lifetimes = new Set<PodLifetime>();
  const kubepodsPath = `${tree.path}/kubepods`;

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= removeEverything();
    return closing;
  }

  async function removeEverything(): Promise<void> {
    await Promise.all([...lifetimes].map(stop));
    await tree.remove(tree.path);
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  }

  async function stop(lifetime: PodLifetime): Promise<void> {
    await lifetime.stop();
    lifetimes.delete(lifetime);
  }

  async function cleanUpAfter<Value>(step: () => Value | Promise<Value>): Promise<Value> {
    try {
      return await step();
    } catch (error) {
      await close();
      throw error;
    }
  }

  const logs = await cleanUpAfter(() => {
    tree.make(kubepodsPath, 'inner');
    for (const directory of QOS_DIRECTORIES) tree.make(`${kubepodsPath}/${directory}`, 'inner');
    return createContainerLogs(join(folder, 'log'));
  });
  const files = programFiles(folders);
  const surroundings = {
    tree,
    kubepodsPath,
    logs,
    commandOf: (program: PodSpec['containers'][number]['program']) => programCommand(program, files),
    onRestart: options.onRestart ?? (() => undefined),
    onFailure: options.onFailure ?? (() => undefined),
  };

  async function addPod(spec: PodSpec): Promise<Pod> {
    if (closing) throw new Error(`adding pod ${spec.name}: the workloads are closed`);
    const lifetime = createPod(surroundings, spec);
    lifetimes.add(lifetime);
    try {
      await lifetime.start();
    } catch (error) {
      await stop(lifetime);
      throw error;
    }
    return lifetime.pod;
  }

  await cleanUpAfter(async () => {
    for (const spec of options.pods ?? demoPods()) await addPod(spec);
  });
  return {
    kind: 'running',
    cgroupVersion: claim.version,
    kubepodsPath,
    containerLogs: logs.containersDir,
    get pods() {
      return [...lifetimes].map(({ pod }) => pod);
    },
    addPod,
    async deletePod(podName) {
      await Promise.all([...lifetimes].filter(({ pod }) => pod.name === podName).map(stop));
    },
    close,
  };
}

function programFiles(folders: readonly string[]): ProgramFiles {
  let count = 0;
  return {
    nodePath: execPath,
    holdMemoryPath: fileURLToPath(new URL('hold-memory.ts', import.meta.url)),
    uncachedFile(bytes) {
      count += 1;
      return makeUncachedFile(folders, `file-${count}`, bytes);
    },
  };
}
