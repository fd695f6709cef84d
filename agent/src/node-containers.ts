import type { Logger } from 'pino';
import { ContainerNames } from './pods/container-names.ts';
import {
  type ContainerCgroup,
  cgroupMadeAtMs,
  findKubepodsRoots,
  listContainerCgroups,
} from './pods/kubepods-tree.ts';
import type { ContainerSource } from './sampler.ts';
import type { StartedContainer } from './seen-container.ts';

/** Where to look on this node. */
export interface NodeDirectories {
  /** Directory of the hierarchy that is listed: the v2 tree, or v1's memory hierarchy. */
  readonly hierarchy: string;
  /** Given paths of kubepods cgroups; empty: look for them. */
  readonly kubepodsPaths: readonly string[];
  readonly containerLogs: string;
}

/** The tree is searched anew this often; in between only known kubepods directories are listed. */
const searchEvery = 12;

/** The containers of this node from its cgroup tree and the kubelet's log links. */
export class NodeContainers implements ContainerSource {
  readonly #directories: NodeDirectories;
  readonly #log: Logger;
  readonly #names: ContainerNames;
  #roots: readonly string[];
  #looks = 0;
  #saidNothingFound = false;
  #saidProblem: string | undefined;

  constructor(directories: NodeDirectories, log: Logger) {
    this.#directories = directories;
    this.#log = log;
    this.#names = new ContainerNames(directories.containerLogs);
    this.#roots = directories.kubepodsPaths;
  }

  /** Why nothing can be named at present, in words; undefined when all is well. */
  get problem(): string | undefined {
    return this.#names.problem;
  }

  cgroups(): readonly ContainerCgroup[] {
    this.#search();
    this.#names.refresh();
    const { problem } = this.#names;
    if (problem !== this.#saidProblem && problem !== undefined) {
      this.#log.warn({ problem }, 'containers cannot be named: pods are not reported until this is mended');
    }
    this.#saidProblem = problem;
    return this.#roots.flatMap((root) => listContainerCgroups(this.#directories.hierarchy, root));
  }

  name({ containerId, path }: ContainerCgroup): StartedContainer | undefined {
    const named = this.#names.get(containerId);
    if (named === undefined) return undefined;
    // The kubelet makes the link when the runtime has started the container: on a busy node seconds after its cgroup.
    const madeAtMs = cgroupMadeAtMs(this.#directories.hierarchy, path) ?? named.linkedAtMs;
    return { ...named, startedAtMs: Math.min(madeAtMs, named.linkedAtMs) };
  }

  #search(): void {
    const { hierarchy, kubepodsPaths } = this.#directories;
    if (kubepodsPaths.length > 0) return;
    if (this.#roots.length === 0 || this.#looks % searchEvery === 0)
      this.#roots = findKubepodsRoots(hierarchy);
    this.#looks += 1;
    if (this.#roots.length > 0) {
      if (this.#saidNothingFound) this.#log.info({ kubepods: this.#roots }, 'found the pods’ cgroups');
      this.#saidNothingFound = false;
    } else if (!this.#saidNothingFound) {
      this.#saidNothingFound = true;
      this.#log.warn(
        { lookedFor: ['kubepods', 'kubepods.slice', '*-kubepods.slice'], below: hierarchy, levels: 3 },
        'no pods’ cgroups on this machine: only the node itself is reported; --kubepods-path names another place',
      );
    }
  }
}
