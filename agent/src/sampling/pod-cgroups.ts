import type { CgroupTree } from 'node-cgroup-stats';
import { podUid } from '../pods/cgroup-name.ts';
import { CgroupTrack } from './cgroup-track.ts';
import { readContainers, type SeenContainer } from './seen-container.ts';

/** What reading the pods' own cgroups needs. */
export interface PodCgroupsDeps {
  readonly tree: CgroupTree;
  readonly monotonicUsec: () => number;
  /** Between two readings, at least. */
  readonly leastGapUsec?: number;
}

/** Ten seconds, less what a tick may be early: at a period of five seconds every other tick reads them. */
const usualGapUsec = 9_900_000;

/**
 * Path of the cgroup of the pod that a container's cgroup lies in. Undefined where it lies in none: a kubelet with
 * `cgroups-per-qos=false`, or a runtime with another driver than the kubelet's.
 */
export function podCgroupPath(containerCgroupPath: string): string | undefined {
  const path = containerCgroupPath.slice(0, containerCgroupPath.lastIndexOf('/'));
  return podUid(path.slice(path.lastIndexOf('/') + 1)) === undefined ? undefined : path;
}

/**
 * The cgroups of the pods themselves, each with its sandbox in it. They are in no report: only the debug endpoint and the
 * kubelet's pages on it show them, so they are read after a tick's report is on its way, and seldom.
 */
export class PodCgroups {
  readonly #deps: PodCgroupsDeps;
  readonly #leastGapUsec: number;
  readonly #tracks = new Map<string, CgroupTrack>();
  #readAtUsec = Number.NEGATIVE_INFINITY;

  constructor(deps: PodCgroupsDeps) {
    this.#deps = deps;
    this.#leastGapUsec = deps.leastGapUsec ?? usualGapUsec;
  }

  /**
   * Reads the pods of these containers, unless it is too soon.
   * @param windowUsec over which a rate would be taken; one that is shorter than the gap between two readings counts as that gap
   * @param more paths of pods without a container that is read
   */
  read(containers: Iterable<SeenContainer>, windowUsec: number, more: readonly string[] = []): void {
    const nowUsec = this.#deps.monotonicUsec();
    if (nowUsec - this.#readAtUsec < this.#leastGapUsec) return;
    this.#readAtUsec = nowUsec;
    // A gap of several windows would be a pause to the history, at every reading.
    const keptUsec = Math.max(windowUsec, this.#leastGapUsec);
    const gone = new Set(this.#tracks.keys());
    const paths = Array.from(readContainers(containers), ({ cgroup }) => podCgroupPath(cgroup.path));
    for (const path of [...paths, ...more]) {
      if (path === undefined) continue;
      gone.delete(path);
      if (!this.#tracks.has(path)) {
        this.#tracks.set(path, new CgroupTrack(this.#deps.tree.open(path)));
      }
    }
    for (const path of gone) this.#forget(path);
    for (const [path, track] of this.#tracks) if (track.read(keptUsec) === 'gone') this.#forget(path);
  }

  /** Undefined for a pod that was not there when they were read. */
  get(path: string): CgroupTrack | undefined {
    return this.#tracks.get(path);
  }

  /** Those that were there when they were read. */
  tracks(): Iterable<CgroupTrack> {
    return this.#tracks.values();
  }

  close(): void {
    for (const path of [...this.#tracks.keys()]) this.#forget(path);
  }

  #forget(path: string): void {
    this.#tracks.get(path)?.close();
    this.#tracks.delete(path);
  }
}
