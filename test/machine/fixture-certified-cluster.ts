import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { nodeObject } from '../one-machine/core-objects.ts';
import { namespace, serverName, writeCredentials } from '../one-machine/credentials.ts';
import { createMetricsReader } from '../one-machine/metrics-reader.ts';
import { type Ports, TachoPrograms } from '../one-machine/tacho-programs.ts';
import { startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import { type ProjectedConfigMap, projectConfigMap } from '../stand-ins/kubelet/projected-config-map.ts';

export const secretName = 'tacho-aggregator-tls';
export const configMapName = 'tacho-aggregator-ca';
export const apiServiceNames = ['v1.metrics.k8s.io', 'v1beta1.metrics.k8s.io'];
const main = new URL('hurried-aggregator.ts', import.meta.url);

/** A Service: each new connection goes to the next of these ports. */
async function listenAsService(ports: readonly number[]) {
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createServer((near) => {
    made += 1;
    const far = dial(ports[made % ports.length] ?? 0, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as { port: number }).port}`,
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Opens a connection as a verifier would that trusts these CAs; resolves with `verified`, or the code of why not. */
function verify(port: number, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: serverName,
      ca,
      ALPNProtocols: ['h2', 'http/1.1'],
    };
    const socket = connect(options, () => {
      resolve('verified');
      socket.destroy();
    }).on('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
  });
}

/** How often each outcome came. */
type Outcomes = Map<string, number>;
const count = (outcomes: Outcomes, outcome: string) =>
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

/**
 * Two real replicas with certificates of their own, started at once, behind a stand-in for kube-apiserver that verifies them by
 * its APIServices; real agents that verify by what a kubelet shows them of the ConfigMap.
 */
export async function startCertifiedCluster(onFailure: (sentence: string) => void) {
  await using stack = new AsyncDisposableStack();
  const apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
  const { store } = apiserver;
  const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
  const programs = stack.use(new TachoPrograms(credentials, onFailure));
  store.create('secrets', { type: 'Opaque', metadata: { namespace, name: secretName } });
  store.create('configmaps', { metadata: { namespace, name: configMapName } });
  const spec = { service: { namespace, name: serverName.split('.')[0], port: 443 } };
  for (const name of apiServiceNames) store.create('apiservices', { metadata: { name }, spec });

  const start = async (name: string): Promise<Ports> => {
    const args = ['--metric-resolution=1s', '--window=2s', '--shutdown-delay-duration=0s'];
    const own = { main, tlsArgs: ['--tls=self-managed'] };
    const { ports } = await programs.startAggregator({ secure: 0, ingest: 0 }, args, undefined, own);
    store.create('endpointslices', {
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 'tacho-ingest' } },
      addressType: 'IPv4',
      ports: [{ name: 'ingest', port: ports.ingest, protocol: 'TCP' }],
      endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true }, targetRef: { uid: name } }],
    });
    return ports;
  };
  const replicas = await Promise.all([start('a'), start('b')]);
  const service = stack.use(await listenAsService(replicas.map(({ secure }) => secure)));

  const volumes = stack.use(new DisposableStack());
  const projected = new Map<string, ProjectedConfigMap>();
  const caBundle = (name: string) => {
    const held = store.get('apiservices', name)?.['spec'] as { caBundle?: string } | undefined;
    return Buffer.from(held?.caBundle ?? '', 'base64').toString();
  };
  const cluster = {
    apiserver,
    caBundle,
    /** Of the Secret, text by key. */
    secret(): Record<string, string> {
      const data = (store.get('secrets', secretName, namespace)?.['data'] ?? {}) as Record<string, string>;
      return Object.fromEntries(
        Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
      );
    },
    publishedCa() {
      const { data } = (store.get('configmaps', configMapName, namespace) ?? {}) as {
        data?: Record<string, string>;
      };
      return data?.['ca.crt'] ?? '';
    },
    /** Registers the group with what the replicas have written into the APIServices. */
    async register() {
      const registration = { group: 'metrics.k8s.io', versions: ['v1', 'v1beta1'], serverName };
      await apiserver.registerApiService({
        ...registration,
        url: service.url,
        caBundle: caBundle(apiServiceNames[0] ?? ''),
      });
    },
    /** What a new agent of this node would trust now, PEM. */
    agentsCa: (node: string) => readFileSync(projected.get(node)?.file('ca.crt') ?? '', 'utf8'),
    /** Starts a node with an agent, which is shown changes of the ConfigMap so much later. */
    async startAgent(node: string, delayMs: number) {
      const volume = projectConfigMap(
        store,
        { namespace, name: configMapName },
        credentials.path(node),
        delayMs,
      );
      projected.set(node, volumes.use(volume));
      store.create('nodes', nodeObject(node));
      const uid = `${node}-agent`;
      store.create('pods', {
        metadata: { namespace, name: `tacho-agent-${uid}`, uid, creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { nodeName: node, serviceAccountName: 'tacho-agent' },
        status: { phase: 'Running' },
      });
      const ports = replicas[0] ?? { secure: 0, ingest: 0 };
      const args = [`--aggregator-ca-file=${volume.file('ca.crt')}`];
      await programs.startAgent(node, ports, args, uid).logged('stream to aggregator is open');
    },
    /** What a program has logged. */
    log: (program: 'aggregator' | `agent-${string}`) =>
      readFileSync(credentials.path(`${program}${program === 'aggregator' ? '' : '-agent'}.log`), 'utf8'),
    /**
     * Reads all nodes through the aggregation layer 25 times a second, and opens connections to both ports of both replicas as
     * each kube-apiserver and agent would, until it is stopped. @returns outcomes, among them the nodes that were missing
     */
    startAsking() {
      const reader = createMetricsReader(apiserver);
      const [reads, connections]: [Outcomes, Outcomes] = [new Map(), new Map()];
      const pending = new Set<Promise<unknown>>();
      const keep = (one: Promise<unknown>) => {
        pending.add(one);
        void one.finally(() => pending.delete(one));
      };
      const read = async () => {
        try {
          const { items, status } = await reader.nodes();
          const names = items.map(({ metadata }) => metadata.name).toSorted();
          count(reads, `${status}: ${names.join(' ')}`);
        } catch (error) {
          count(reads, String(error));
        }
      };
      const open = async (port: number, ca: string) => count(connections, await verify(port, ca));
      const reading = setInterval(() => keep(read()), 40);
      const opening = setInterval(() => {
        for (const { secure, ingest } of replicas) {
          for (const name of apiServiceNames) if (caBundle(name) !== '') keep(open(secure, caBundle(name)));
          for (const node of projected.keys()) keep(open(ingest, cluster.agentsCa(node)));
        }
      }, 200);
      return {
        reads,
        connections,
        async stop() {
          clearInterval(reading);
          clearInterval(opening);
          await Promise.all(pending);
          reader.close();
        },
      };
    },
  };
  const owned = stack.move();
  return { ...cluster, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
