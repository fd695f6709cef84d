import { readClusterState } from './cluster-state.ts';
import { openParts } from './open-cluster.ts';
import { isAlive } from './process-identity.ts';

const answersWithinMs = 5_000;

/** Lines for a person: whose it is, where its files are, and how each part does. */
export async function statusText(folder: string): Promise<string> {
  const { name, owner } = readClusterState(folder);
  const { cluster, nodes, processes } = await openParts(folder);
  const ready = await readyNodes();
  cluster.api.close();
  const until =
    owner === undefined
      ? 'until "down"'
      : `until process ${owner.pid} ends${isAlive(owner) ? '' : ', which it has'}`;
  const lines = nodes.map((node) => {
    const power = processes.isRunning(node.name) ? 'on' : 'off';
    const state = ready === undefined ? 'unknown' : ready.get(node.name) === 'True' ? 'Ready' : 'not Ready';
    return `  ${node.name}  power ${power}, ${state}; cgroup ${node.cgroup}, ${node.driver} driver, ${
      node.kernel === 'uml' ? 'a kernel of its own' : "this machine's kernel"
    }`;
  });
  return [
    `cluster ${name}, ${until}`,
    `  files and logs: ${folder}`,
    `  kube-apiserver ${ready === undefined ? 'does not answer' : 'answers'}`,
    ...lines,
    '',
  ].join('\n');

  async function readyNodes(): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      const { status, body } = await cluster.api.get('/api/v1/nodes', { timeoutMs: answersWithinMs });
      if (status !== 200) return undefined;
      const { items } = JSON.parse(body) as {
        items: { metadata: { name: string }; status: { conditions?: { type: string; status: string }[] } }[];
      };
      return new Map(
        items.map(({ metadata, status }) => [
          metadata.name,
          status.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown',
        ]),
      );
    } catch {
      return undefined;
    }
  }
}
