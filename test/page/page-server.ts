import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDebugApp, type DebugAppDeps } from '../../agent/src/debug/debug-app.ts';
import type { DebugError, DebugState, PodDetail } from '../../agent/src/debug/debug-state.ts';
import type { PageFiles } from '../../agent/src/debug/page-file.ts';
import { type BusyNode, withKernelFiles } from './fixture-busy-node.ts';

/** The debug endpoint's own app in front of a made-up node, on a free port of the loopback. */
export class PageServer {
  readonly #node: BusyNode;
  readonly #files: () => Promise<PageFiles>;
  readonly #listeners = new Set<() => void>();
  readonly failures: unknown[] = [];
  #server: Server | undefined;
  #port = 0;

  constructor(node: BusyNode, files: () => Promise<PageFiles>) {
    this.#node = node;
    this.#files = files;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Listens, on the same port again after it was stopped. */
  async start(): Promise<void> {
    // What the page asks for; the other routes have what they need from elsewhere.
    const deps: Pick<DebugAppDeps, 'state' | 'pod' | 'pageFiles' | 'monotonicUsec' | 'onTick' | 'onError'> = {
      state: ({ countersAfterUsec }) => this.#node.state(countersAfterUsec === undefined ? undefined : 1),
      pod: (namespace, name) => this.#pod(namespace, name),
      pageFiles: this.#files,
      monotonicUsec: () => 0,
      onTick: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      onError: (_path, error) => void this.failures.push(error),
    };
    const app = createDebugApp(deps as DebugAppDeps);
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** The next second of the node, told to every page. */
  tick(): DebugState {
    this.#node.advance();
    for (const listener of this.#listeners) listener();
    return this.#node.state();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  #pod(namespace: string, name: string): PodDetail | DebugError {
    const { node, unnamed, ...rest } = this.#node.state();
    const pods = rest.pods
      .filter((pod) => pod.namespace === namespace && pod.name === name)
      .map((pod) => ({ ...pod, containers: pod.containers.map(withKernelFiles) }));
    if (pods.length === 0) return { error: `no pod ${namespace}/${name}` };
    return { ...rest, pods, node: { name: node.name, cgroupMode: node.cgroupMode } };
  }
}
