import { readFileSync } from 'node:fs';
import { nodeObject } from '../../one-machine/core-objects.ts';
import { type Credentials, namespace, writeCredentials } from '../../one-machine/credentials.ts';
import type { Program } from '../../one-machine/program.ts';
import { type Ports, TachoPrograms } from '../../one-machine/tacho-programs.ts';
import {
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../../stand-ins/kube-apiserver/kube-apiserver.ts';
import { Network, type Place, routerAddress } from './network.ts';
import { Reading } from './reading.ts';

/** The default, and what all that is promised is counted in. */
export const periodMs = 5_000;
/** How long a silent node's last report is served. */
export const silenceMs = 15_000;
/** As old as anything may be where nothing is wrong, and how soon it is so again where something was. */
export const freshMs = periodMs + 2_000;

/** A replica of the aggregator in a namespace of its own. */
export interface Replica {
  readonly name: string;
  readonly program: Program;
  readonly place: Place;
  readonly ports: Ports;
}

/** A node: the namespace that its agent runs in. */
export interface SiteNode {
  readonly name: string;
  readonly place: Place;
  readonly agent: Program;
}

export interface SiteOptions {
  /** Of each packet of this node's link, each way. */
  readonly delaysMs?: Readonly<Record<string, number>>;
  /** More flags of the replicas. */
  readonly replicaArgs?: readonly string[];
}

const nodeNames = ['n1', 'n2', 'n3'];
const ingestPort = 8443;

/** What a site is made of. */
interface Parts {
  readonly network: Network;
  readonly apiserver: StandInKubeApiserver;
  readonly credentials: Credentials;
  readonly programs: TachoPrograms;
  readonly reading: Reading;
  readonly failures: readonly string[];
  readonly replicaArgs: readonly string[];
  readonly stack: AsyncDisposableStack;
}

/** Resolves when every replica has every node. */
export async function startSite({ delaysMs = {}, replicaArgs = [] }: SiteOptions = {}): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const network = new Network();
  await network.up();
  const apiserver = stack.use(await startKubeApiserver({ address: routerAddress }));
  const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
  const failures: string[] = [];
  const programs = stack.use(new TachoPrograms(credentials, (sentence) => failures.push(sentence)));
  const reading = stack.use(await Reading.start(apiserver));
  for (const name of nodeNames) declareNode(apiserver, name);
  const parts = { network, apiserver, credentials, programs, reading, failures, replicaArgs };
  const site = new Site({ ...parts, stack: stack.move() });
  try {
    await Promise.all(['a', 'b'].map((name) => site.startReplica(name)));
    await Promise.all(nodeNames.map((name) => site.startNode(name, delaysMs[name])));
    await reading.until('every replica has every node', 60_000, () =>
      site.replicas.every(({ name }) => reading.latest(name)?.nodes.size === nodeNames.length),
    );
    return site;
  } catch (error) {
    await site[Symbol.asyncDispose]();
    throw error;
  }
}

/** A small cluster in network namespaces: nodes n1 to n3, replicas a and b, and kube-apiserver's stand-in at the router. */
export class Site implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #nodes = new Map<string, SiteNode>();
  readonly #replicas = new Map<string, Replica>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get network(): Network {
    return this.#parts.network;
  }

  get apiserver(): StandInKubeApiserver {
    return this.#parts.apiserver;
  }

  get reading(): Reading {
    return this.#parts.reading;
  }

  get replicas(): readonly Replica[] {
    return [...this.#replicas.values()];
  }

  replica(name: string): Replica {
    return found(this.#replicas, name);
  }

  node(name: string): SiteNode {
    return found(this.#nodes, name);
  }

  /** Starts the agent of a node, also of one that had lost its power: the pod is the same. */
  async startNode(name: string, delayMs?: number): Promise<SiteNode> {
    const { network, programs } = this.#parts;
    const place = await network.add(name, delayMs);
    const { place: of, ports } = this.replica('a');
    const way = { within: place.within, replica: of.address };
    const seen = [`--debug-bind-address=${place.address}`];
    const node = { name, place, agent: programs.startAgent(name, ports, seen, podUid(name), way) };
    this.#nodes.set(name, node);
    return node;
  }

  /** Ends it like a power cut: no word leaves it any more. */
  async powerOff({ agent, name, place }: SiteNode): Promise<void> {
    const { network, programs } = this.#parts;
    const heal = await network.lose(place);
    await programs.kill(agent);
    await network.powerOff(place);
    await heal();
    this.#nodes.delete(name);
  }

  /** Resolves when it listens; agents are told of it before that, as of a pod that has an address. */
  async startReplica(name: string): Promise<Replica> {
    const { network, programs, reading, replicaArgs } = this.#parts;
    const place = await network.add(name);
    this.tellOf(name, place.address, ingestPort);
    const wanted = { secure: 6443, ingest: ingestPort };
    const { program, ports } = await programs.startAggregator(wanted, replicaArgs, place);
    const replica = { name, program, place, ports };
    this.#replicas.set(name, replica);
    reading.add(name, `https://${place.address}:${ports.secure}`);
    return replica;
  }

  /** Ends it with SIGKILL, and its pod with it. */
  async killReplica({ name, program }: Replica): Promise<void> {
    const { apiserver, programs, reading } = this.#parts;
    reading.remove(name);
    this.#replicas.delete(name);
    await programs.kill(program);
    apiserver.store.delete('endpointslices', name, namespace);
  }

  /** Has an EndpointSlice lead agents to an address. */
  tellOf(name: string, address: string, port: number): void {
    this.apiserver.store.create('endpointslices', {
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 'tacho-ingest' } },
      addressType: 'IPv4',
      ports: [{ name: 'ingest', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], conditions: { ready: true }, targetRef: { uid: name } }],
    });
  }

  /** How often the agent of a node has logged a message. */
  saidByAgent(name: string, message: string): number {
    return this.#said(`agent-${podUid(name)}.log`, message);
  }

  /** How often the replicas have logged a message, all together. */
  saidByReplicas(message: string): number {
    return this.#said('aggregator.log', message);
  }

  /** @throws when a program has ended that nobody had asked to */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.stack.disposeAsync();
    if (this.#parts.failures.length > 0) throw new Error(this.#parts.failures.join('\n'));
  }

  #said(log: string, message: string): number {
    const text = readFileSync(this.#parts.credentials.path(log), 'utf8');
    return text.split(`"msg":${JSON.stringify(message)}`).length - 1;
  }
}

const podUid = (node: string): string => `pod-${node}`;

function declareNode({ store }: StandInKubeApiserver, name: string): void {
  store.create('nodes', nodeObject(name));
  store.create('pods', {
    metadata: { namespace, name: `tacho-agent-${name}`, uid: podUid(name) },
    spec: { nodeName: name, serviceAccountName: 'tacho-agent' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

function found<Kind>(all: ReadonlyMap<string, Kind>, name: string): Kind {
  const one = all.get(name);
  if (one === undefined) throw new Error(`there is no ${name} at this site`);
  return one;
}
