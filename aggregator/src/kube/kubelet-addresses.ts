import type { KubeObject, ReflectorTarget } from './reflector.ts';

/** The part of a core/v1 Node that says where its kubelet is. */
export interface KubeletNode extends KubeObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port?: number } };
  };
}

/** Where a node's kubelet is, as a puller is told. Equal ones are the same object. */
export interface KubeletAddress {
  readonly name: string;
  readonly addresses: { readonly type: string; readonly address: string }[];
  readonly kubeletPort?: number;
}

/** The kubelets of the cluster, as the watch of nodes tells them. */
export class KubeletAddresses implements ReflectorTarget<KubeletNode> {
  readonly #nodes = new Map<string, KubeletAddress>();

  of(node: string): KubeletAddress | undefined {
    return this.#nodes.get(node);
  }

  replace(nodes: readonly KubeletNode[]): void {
    const listed = new Set(nodes.map(({ metadata }) => metadata.name));
    for (const name of this.#nodes.keys()) if (!listed.has(name)) this.#nodes.delete(name);
    for (const node of nodes) this.set(node);
  }

  set({ metadata: { name }, status }: KubeletNode): void {
    const port = status?.daemonEndpoints?.kubeletEndpoint?.Port;
    const address = {
      name,
      addresses: (status?.addresses ?? []).map(({ type, address }) => ({ type, address })),
      ...(port !== undefined && port > 0 && { kubeletPort: port }),
    };
    if (JSON.stringify(address) !== JSON.stringify(this.#nodes.get(name))) this.#nodes.set(name, address);
  }

  remove({ metadata }: KubeletNode): void {
    this.#nodes.delete(metadata.name);
  }
}
