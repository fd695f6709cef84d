/** The stand-in for kube-apiserver as a process of its own, with the objects and tokens of a made-up cluster. */
import { type Credentials, writeCredentials } from '../../one-machine/credentials.ts';
import {
  admin,
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { ClusterSize } from '../list-cluster.ts';
import { agentPod, FleetCluster } from './fleet-cluster.ts';
import { obey } from './ordered-process.ts';

/** Files that the programs read, and who may read everything. */
export interface FleetAccess {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly kubeconfigFile: string;
  /** One for each node, in their order. */
  readonly tokenFiles: readonly string[];
  /** PEM. */
  readonly ca: string;
  readonly admin: { readonly certificate: string; readonly key: string };
}

let apiserver: StandInKubeApiserver | undefined;
let credentials: Credentials | undefined;

const orders = {
  async start(size: ClusterSize): Promise<FleetAccess> {
    apiserver = await startKubeApiserver();
    const written = await writeCredentials(apiserver);
    credentials = written;
    const cluster = new FleetCluster(size);
    for (const node of cluster.nodes()) apiserver.store.create('nodes', node);
    for (const pod of cluster.pods()) apiserver.store.create('pods', pod);
    return {
      caFile: written.path('ca.crt'),
      certFile: written.path('serving.crt'),
      keyFile: written.path('serving.key'),
      kubeconfigFile: written.path('aggregator-kubeconfig'),
      tokenFiles: cluster.nodeNames.map((name, at) => written.writeAgentToken(name, agentPod(at, name).uid)),
      ca: apiserver.pki.servingCa.certificate,
      admin: await apiserver.pki.clusterCa.issueClient({
        commonName: admin.username,
        organizations: admin.groups,
      }),
    };
  },
};

export type ApiserverOrders = typeof orders;

obey(orders, async () => {
  credentials?.remove();
  await apiserver?.close();
});
