import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { KubeApiError, type KubeClient } from './kube-client.ts';

/** As much of any Kubernetes object as following it needs. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Where the objects go. `replace` is told all there is; then each change is told by itself. */
export interface ReflectorTarget<Kind extends KubeObject> {
  replace(objects: readonly Kind[]): void;
  set(object: Kind): void;
  remove(object: Kind): void;
}

/** One target that tells each of several. */
export function tellEach<Kind extends KubeObject>(
  ...targets: readonly ReflectorTarget<Kind>[]
): ReflectorTarget<Kind> {
  return {
    replace(objects) {
      for (const target of targets) target.replace(objects);
    },
    set(object) {
      for (const target of targets) target.set(object);
    },
    remove(object) {
      for (const target of targets) target.remove(object);
    },
  };
}

/** What following needs. */
export interface ReflectorDeps<Kind extends KubeObject> {
  readonly client: Pick<KubeClient, 'get' | 'watch'>;
  readonly target: ReflectorTarget<Kind>;
  readonly log: Logger;
}

/** What is followed: a collection's path and the query that narrows it. */
export interface ReflectorOptions<Kind extends KubeObject> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Page of a list; the API server then never has to build one answer of 150,000 pods. */
  readonly pageSize: number;
  /** What is kept of an object while its list is under way, and told; by default all of it. */
  readonly part?: (object: Kind) => Kind;
  /** Least time between two attempts to list or watch; by default a second. */
  readonly retryMs?: number;
}

const usualRetryMs = 1_000;
const watchSeconds = 300;

interface WatchEvent<Kind> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Kind & { readonly code?: number; readonly message?: string };
}

/**
 * Keeps a target in step with a collection of the API server: list in pages, then watch from there, list again
 * when the server refuses that point. Keeps what it has while the server is away.
 */
export class Reflector<Kind extends KubeObject> {
  readonly #deps: ReflectorDeps<Kind>;
  readonly #options: ReflectorOptions<Kind>;
  readonly #part: (object: Kind) => Kind;
  readonly #synced = Promise.withResolvers<void>();
  #resourceVersion: string | undefined;

  constructor(deps: ReflectorDeps<Kind>, options: ReflectorOptions<Kind>) {
    this.#deps = deps;
    this.#options = options;
    this.#part = options.part ?? ((object) => object);
  }

  /** Resolves once the first list is complete. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** Follows the collection until the signal says stop. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let said = '';
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        await this.#watch(signal);
        said = '';
      } catch (error) {
        if (signal.aborted) return;
        // Asking again from the same version could go on for ever: it may be forgotten (410) or of the future (504).
        if (error instanceof KubeApiError && error.status !== 429) this.#resourceVersion = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        // A server that is away is one thing, whether a connection broke, was refused or was not answered.
        const what = error instanceof KubeApiError ? reason : 'away';
        if (what !== said) {
          this.#deps.log.warn({ path: this.#options.path, reason }, 'cannot follow objects, trying again');
        }
        said = what;
      }
      // After a watch that ended well too: one that ends at once must not become a hundred in a second.
      await sleep(this.#options.retryMs ?? usualRetryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const objects: Kind[] = [];
    let continueToken: string | undefined;
    let resourceVersion: string | undefined;
    do {
      const query = { ...this.#options.query, limit: String(this.#options.pageSize) };
      const page = (await this.#deps.client.get(
        this.#url(continueToken === undefined ? query : { ...query, continue: continueToken }),
        signal,
      )) as { metadata?: { continue?: string; resourceVersion?: string }; items?: Kind[] };
      for (const object of page.items ?? []) objects.push(this.#part(object));
      continueToken = page.metadata?.continue || undefined;
      resourceVersion = page.metadata?.resourceVersion;
    } while (continueToken !== undefined);
    this.#deps.target.replace(objects);
    this.#resourceVersion = resourceVersion ?? '0';
    this.#synced.resolve();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const url = this.#url({
      ...this.#options.query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#resourceVersion ?? '0',
      timeoutSeconds: String(watchSeconds),
    });
    for await (const event of this.#deps.client.watch(url, (watchSeconds + 10) * 1000, signal)) {
      const { type, object } = event as WatchEvent<Kind>;
      if (type === 'ERROR') throw new KubeApiError('watch', url, object.code ?? 500, JSON.stringify(object));
      if (type === 'ADDED' || type === 'MODIFIED') this.#deps.target.set(this.#part(object));
      else if (type === 'DELETED') this.#deps.target.remove(this.#part(object));
      this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    }
  }

  #url(query: Readonly<Record<string, string>>): string {
    return `${this.#options.path}?${new URLSearchParams(query)}`;
  }
}
