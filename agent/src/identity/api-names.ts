import type { NameDoubt, NamedContainer, NameSource } from '../pods/name-source.ts';
import { type ApiContainer, type ApiPod, containersOfPod } from './api-pod.ts';

/** Names of this node's containers by container ID, as the statuses of its pods in the API tell them. */
export class ApiNames implements NameSource {
  readonly from = 'statuses of this node’s pods in the API';
  /** By namespace and name. */
  readonly #byPod = new Map<string, readonly ApiContainer[]>();
  readonly #byId = new Map<string, ApiContainer>();
  #problem: string | undefined = 'the API server has not told this node’s pods yet';

  /** Why this node's pods are not known, or may be old, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  set problem(problem: string | undefined) {
    this.#problem = problem;
  }

  get(containerId: string): NamedContainer | undefined {
    return this.#byId.get(containerId)?.named;
  }

  /** Those that run as far as the API knows. */
  *all(): Generator<NamedContainer> {
    for (const { named, isRunning } of this.#byId.values()) if (isRunning) yield named;
  }

  /** Takes a pod that is new, or what it is now. */
  set(pod: ApiPod): void {
    this.remove(pod);
    const key = keyOf(pod);
    if (!key) return;
    const containers = containersOfPod(pod);
    this.#byPod.set(key, containers);
    for (const container of containers) this.#byId.set(container.named.containerId, container);
  }

  remove(pod: ApiPod): void {
    const key = keyOf(pod);
    if (!key) return;
    for (const container of this.#byPod.get(key) ?? []) {
      const { containerId } = container.named;
      if (this.#byId.get(containerId) === container) this.#byId.delete(containerId);
    }
    this.#byPod.delete(key);
  }

  /** Told by events, so there is nothing to look for. */
  refresh(): void {}

  /** The API tells each container ID whole. */
  doubts(): readonly NameDoubt[] {
    return [];
  }
}

/** The API has one pod of a name at a time; one that was made anew may be told without the end of the one before. */
function keyOf({ metadata }: ApiPod): string | undefined {
  return metadata?.name && metadata.namespace && `${metadata.namespace}/${metadata.name}`;
}
