import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync } from 'node:fs';
import type { CgroupTree } from './cgroup-tree.ts';
import type { ContainerLogName } from './container-log-path.ts';
import type { ContainerLogs } from './container-logs.ts';
import { type ContainerProcess, startContainerProcess } from './container-process.ts';
import { podCgroupPath } from './pod-cgroup-path.ts';
import type { ContainerLimits, ContainerSpec, PodSpec, Program, QosClass } from './pod-spec.ts';
import type { ProgramCommand } from './program-command.ts';

/** One start of a container; a restart gives a new one with another ID. */
export interface Container {
  readonly name: string;
  /** 64 lower-case hexadecimal digits, as containerd makes them. */
  readonly id: string;
  readonly restartCount: number;
  /** Wall clock in ms since 1970, and `performance.now()` of this process in ms. */
  readonly startedAt: { readonly wallMs: number; readonly monotonicMs: number };
  readonly limits: ContainerLimits;
  /** Relative to the root of each hierarchy. */
  readonly cgroupPath: string;
  readonly pid: number;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly qosClass: QosClass;
  readonly cgroupPath: string;
  readonly sandboxId: string;
  readonly containers: readonly Container[];
}

export interface ContainerRestart {
  /** The pod as it is now. */
  readonly pod: Pod;
  readonly container: Container;
  readonly previous: Container;
  readonly previousExitCode: number;
}

export interface PodSurroundings {
  readonly tree: CgroupTree;
  readonly kubepodsPath: string;
  readonly logs: ContainerLogs;
  readonly commandOf: (program: Program) => ProgramCommand;
  readonly onRestart: (restart: ContainerRestart) => void;
  readonly onFailure: (failure: Error) => void;
}

export interface PodLifetime {
  /** As it is now; a later look may show other containers. */
  readonly pod: Pod;
  /** Resolves when every container has started. */
  start(): Promise<void>;
  /** Kills the processes and removes cgroups, links and logs. Also right after a start that failed; again is fine. */
  stop(): Promise<void>;
}

export function createPod(surroundings: PodSurroundings, spec: PodSpec): PodLifetime {
  const { tree, logs } = surroundings;
  const { namespace, name, labels, qosClass } = spec;
  const uid = randomUUID();
  const cgroupPath = podCgroupPath(surroundings.kubepodsPath, qosClass, uid);
  const sandboxId = newContainerId();
  const containers = new Map<string, Container>();
  const lives: Promise<void>[] = [];
  let stopping: Promise<void> | undefined;

  const currentPod = (): Pod => ({
    namespace,
    name,
    uid,
    labels,
    qosClass,
    cgroupPath,
    sandboxId,
    containers: [...containers.values()],
  });
  const logName = (container: string, id: string, restartCount: number): ContainerLogName => ({
    namespace,
    pod: name,
    uid,
    container,
    id,
    restartCount,
  });

  function startProcess(
    path: string,
    program: Program,
    output: number | 'ignore',
  ): Promise<ContainerProcess> {
    return startContainerProcess(tree.procsFiles(path), surroundings.commandOf(program), output);
  }

  async function startSandbox(): Promise<void> {
    const path = `${cgroupPath}/${sandboxId}`;
    tree.make(path, 'leaf');
    await startProcess(path, { kind: 'sleep' }, 'ignore');
  }

  async function startContainer(spec: ContainerSpec, restartCount: number): Promise<ContainerProcess> {
    const id = newContainerId();
    const limits = spec.limits ?? {};
    const path = `${cgroupPath}/${id}`;
    const log = logName(spec.name, id, restartCount);
    tree.make(path, 'leaf');
    tree.limit(path, limits);
    const output = logs.open(log);
    const started = await startProcess(path, spec.program, output).finally(() => closeSync(output));
    containers.set(spec.name, {
      name: spec.name,
      id,
      restartCount,
      startedAt: { wallMs: Date.now(), monotonicMs: performance.now() },
      limits,
      cgroupPath: path,
      pid: started.pid,
    });
    logs.link(log);
    return started;
  }

  /** Starts the container anew whenever it ends, at once: the back-off of a real kubelet would only delay tests. */
  async function keepRunning(spec: ContainerSpec, first: ContainerProcess): Promise<void> {
    let running = first;
    let older: ContainerLogName | undefined;
    for (;;) {
      const previousExitCode = await running.ended;
      const previous = containers.get(spec.name);
      if (stopping || previous === undefined) return;
      await tree.remove(previous.cgroupPath);
      if (stopping) return;
      running = await startContainer(spec, previous.restartCount + 1);
      // The kubelet keeps the link of the one container that ended last.
      if (older) logs.unlink(older);
      older = logName(spec.name, previous.id, previous.restartCount);
      const container = containers.get(spec.name);
      if (container && !stopping) {
        surroundings.onRestart({ pod: currentPod(), container, previous, previousExitCode });
      }
    }
  }

  function failed(error: Error): void {
    // A restart that stop() has taken the cgroup away from is no failure.
    if (!stopping) surroundings.onFailure(error);
  }

  async function removeEverything(): Promise<void> {
    await tree.remove(cgroupPath);
    await Promise.all(lives);
    // A start that was under way may have made one more cgroup.
    await tree.remove(cgroupPath);
    logs.removePod({ namespace, pod: name, uid });
  }

  return {
    get pod() {
      return currentPod();
    },
    async start() {
      tree.make(cgroupPath, 'inner');
      // The sandbox ("pause") has a cgroup like a container's, and no link: that is how the two are told apart.
      await startSandbox();
      for (const container of spec.containers) {
        lives.push(keepRunning(container, await startContainer(container, 0)).catch(failed));
      }
    },
    stop() {
      stopping ??= removeEverything();
      return stopping;
    },
  };
}

function newContainerId(): string {
  return randomBytes(32).toString('hex');
}
