import { setTimeout as sleep } from 'node:timers/promises';
import { errorWords } from '@tacho/command-line';
import type { Directive, NodesToPull } from '@tacho/proto';
import { agreedPace, type Pace } from './agreed-pace.ts';
import type { Outbox } from './outbox.ts';
import { type HostPort, parseHostPort, replicaAddress } from './replica-address.ts';
import { ReplicaStream, type ReplicaStreamDeps } from './replica-stream.ts';
import type { Heard, Sent } from './stream-record.ts';
import { type ReplicaNames, wantedReplicas } from './wanted-replicas.ts';

type OfOneStream = 'outbox' | 'onDirective' | 'onNodesToPull' | 'onChange';

/** What pushing to all replicas needs from the rest of the program. Addresses are `ip:port`. */
export interface ReplicasDeps extends Omit<ReplicaStreamDeps, OfOneStream> {
  /** For the replica at this address, whatever becomes of its streams. */
  readonly outbox: (address: string) => Outbox;
  readonly onDirective: (directive: Directive, address: string) => void;
  readonly onNodesToPull?: (nodes: NodesToPull, address: string) => void;
  /** What the replicas that are connected agree on; may be what it was before. */
  readonly onPace: (pace: Pace) => void;
  /** IP addresses of a name. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
}

/** Where to begin, and how the replicas are known. */
export interface ReplicasOptions {
  /** `host:port`; a name may stand for several replicas. */
  readonly aggregators: readonly string[];
  /** Name that certificates must carry; undefined: the host of the aggregator. */
  readonly serverName: string | undefined;
  /** How often DNS is asked while it is needed; by default 10 s. */
  readonly lookupEveryMs?: number;
  /** How long after a stream's end, or an answer that told nothing; by default 2 s. */
  readonly lookupSoonMs?: number;
}

/** One replica as the debug endpoint shows it. */
export interface ReplicaStatus {
  /** `ip:port` */
  readonly address: string;
  readonly connected: boolean;
  /** Since when, on the monotonic clock. */
  readonly sinceUsec: number;
  /** Why the last stream or attempt ended. */
  readonly lastError: string | undefined;
  readonly sent: Sent | undefined;
  readonly heard: Heard | undefined;
}

interface Replica {
  readonly stream: ReplicaStream;
  readonly serverName: string;
  readonly leave: AbortController;
  /** Addresses that this replica has told on the stream that it has now. */
  told: readonly string[];
  /** What was known of it before it changed. */
  connected: boolean;
}

/** A lie or a slip of an aggregator must not make every node open streams without end. */
const mostReplicas = 16;
const longestLookupMs = 5_000;

/**
 * One stream to every replica of the aggregator. Which there are, the replicas say themselves as soon as it changes;
 * DNS is asked for the first ones, and where nobody is connected who would know. A stream that works is never given up
 * because somebody did not name its replica.
 */
export class Replicas {
  readonly #deps: ReplicasDeps;
  readonly #options: ReplicasOptions;
  readonly #aggregators: ReadonlyMap<string, HostPort>;
  readonly #replicas = new Map<string, Replica>();
  readonly #running = new Set<Promise<void>>();
  /** What DNS has said, by the aggregator that it was asked for. */
  readonly #resolved = new Map<string, ReplicaNames>();
  #toldLast: ReplicaNames = new Map();
  #ended = 0;
  #hurry = new AbortController();
  readonly #logged = new Set<string>();

  /** @throws TypeError for an aggregator that is not host:port */
  constructor(deps: ReplicasDeps, options: ReplicasOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#aggregators = new Map(
      options.aggregators.map((aggregator) => {
        const target = parseHostPort(aggregator);
        if (target === undefined) throw new TypeError(`Cannot push to "${aggregator}": expected host:port`);
        return [aggregator, target];
      }),
    );
  }

  /** There may be something new in the outboxes. */
  flush(): void {
    for (const { stream } of this.#replicas.values()) stream.flush();
  }

  /** How many streams, and attempts to open one, have ended: refused, not verified, cut off. */
  get ended(): number {
    return this.#ended;
  }

  state(): readonly ReplicaStatus[] {
    return [...this.#replicas].map(([address, { stream }]) => {
      const { sent, heard } = stream.record;
      return { address, ...stream.state, sent, heard };
    });
  }

  /** Keeps the streams up until the signal says stop. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { lookupEveryMs = 10_000, lookupSoonMs = 2_000 } = this.#options;
    const jittered = (ms: number) => (ms / 2) * (1 + this.#deps.random());
    while (!signal.aborted) {
      if (this.#told().size === 0) await this.#lookUp(signal);
      if (signal.aborted) break;
      this.#reconcile(signal);
      this.#hurry = new AbortController();
      const hurry = AbortSignal.any([signal, this.#hurry.signal]);
      await rest(jittered(this.#replicas.size > 0 ? lookupEveryMs : lookupSoonMs), hurry);
      if (this.#hurry.signal.aborted) await rest(jittered(lookupSoonMs), signal);
    }
    await Promise.all(this.#running);
  }

  /** What connected replicas say now. */
  #told(): ReplicaNames {
    const told = new Map<string, string>();
    for (const replica of this.#replicas.values()) {
      if (!replica.stream.state.connected) continue;
      for (const address of replica.told) told.set(address, replica.serverName);
    }
    return told;
  }

  async #lookUp(signal: AbortSignal): Promise<void> {
    for (const [aggregator, { host, port }] of this.#aggregators) {
      try {
        const ips = replicaAddress({ host, port }) === undefined ? await this.#ask(host, signal) : [host];
        const addresses = ips.flatMap((ip) => replicaAddress({ host: ip, port }) ?? []);
        const names = new Map(addresses.map((address) => [address, this.#options.serverName ?? host]));
        if (names.size > 0) this.#resolved.set(aggregator, names);
        this.#logged.delete(aggregator);
      } catch (error) {
        if (signal.aborted) return;
        // What DNS has said before is still the best guess.
        const reason = errorWords(error);
        this.#logOnce(aggregator, { aggregator, reason }, 'cannot find the aggregator, trying again');
      }
    }
  }

  /** @throws when there is no answer in time: a resolver has no bound that one could rely on */
  async #ask(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const bound = rest(longestLookupMs, signal).then(() => {
      throw new Error(`no answer within ${longestLookupMs / 1000} s`);
    });
    return Promise.race([this.#deps.lookup(host), bound]);
  }

  /** Opens the streams that are wanted, ends those that are not and do not work anyway. */
  #reconcile(signal: AbortSignal): void {
    const told = this.#told();
    if (told.size > 0) {
      this.#toldLast = told;
      this.#resolved.clear();
    }
    const anyConnected = [...this.#replicas.values()].some(({ stream }) => stream.state.connected);
    const resolved = new Map([...this.#resolved.values()].flatMap((names) => [...names]));
    const wanted = wantedReplicas({ told, toldLast: this.#toldLast, resolved, anyConnected });
    for (const [address, { leave, stream }] of this.#replicas) {
      if (wanted.has(address) || stream.state.connected) continue;
      this.#replicas.delete(address);
      leave.abort();
    }
    for (const [address, serverName] of wanted) {
      if (this.#replicas.has(address)) continue;
      if (this.#replicas.size < mostReplicas) this.#open(address, serverName, signal);
      else
        this.#logOnce('most', { replica: address }, `more than ${mostReplicas} replicas, leaving some out`);
    }
  }

  #open(address: string, serverName: string, signal: AbortSignal): void {
    const leave = new AbortController();
    const until = AbortSignal.any([signal, leave.signal]);
    const stream = new ReplicaStream(
      { target: address, serverName },
      {
        ...this.#deps,
        outbox: this.#deps.outbox(address),
        onNodesToPull: (nodes) => this.#deps.onNodesToPull?.(nodes, address),
        onDirective: (directive) => {
          replica.told = this.#addressesOf(directive, address);
          this.#reconcile(signal);
          this.#deps.onDirective(directive, address);
          this.#agree();
        },
        onChange: () => {
          if (until.aborted) return;
          const { connected } = stream.state;
          if (!connected) this.#ended += 1;
          // Not after every attempt that fails: thousands of agents would keep DNS busy while the aggregator is away.
          if (replica.connected && !connected) this.#hurry.abort();
          if (!connected) replica.told = [];
          replica.connected = connected;
          this.#reconcile(signal);
          this.#agree();
        },
      },
    );
    const replica: Replica = { stream, serverName, leave, told: [], connected: false };
    this.#replicas.set(address, replica);
    const running = stream.run(until).then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  #agree(): void {
    const connected = [...this.#replicas.values()].filter(({ stream }) => stream.state.connected);
    const pace = agreedPace(connected.flatMap(({ stream }) => stream.record.heard?.directive ?? []));
    if (pace !== undefined) this.#deps.onPace(pace);
  }

  #addressesOf({ peers }: Directive, replica: string): readonly string[] {
    return peers.flatMap((peer) => {
      const parsed = parseHostPort(peer);
      const address = parsed && replicaAddress(parsed);
      if (address === undefined) {
        this.#logOnce(
          'peer',
          { replica, peer: peer.slice(0, 64) },
          'a peer that is no ip:port, leaving it out',
        );
      }
      return address ?? [];
    });
  }

  #logOnce(key: string, details: object, sentence: string): void {
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    this.#deps.log.warn(details, sentence);
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
