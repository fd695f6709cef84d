import type { Directive } from '@tacho/proto';
import type { Connection } from './ingest/agent-calls.ts';
import type { IngestServer } from './ingest/ingest-server.ts';
import type { Refusals } from './ingest/refusals.ts';
import type { TimeFacts } from './ingest/stream-time.ts';
import type { Pulling } from './open-pulling.ts';
import { pulledNode, pullers } from './pulled-listing.ts';
import type { NodeListing } from './serving/debug-nodes.ts';
import type { HeldReport } from './snapshot/held-entry.ts';
import type { NodeCapacities } from './snapshot/node-capacities.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** Where the listing's facts come from; what is made later is asked for when somebody looks. */
export interface ListedParts {
  readonly config: { readonly version: string };
  /** What agents are told now. */
  readonly directive: () => Pick<Directive, 'periodUsec' | 'windowUsec'>;
  readonly snapshot: Snapshot;
  readonly capacities: NodeCapacities;
  readonly refusals: Refusals;
  /** Undefined where no node is to be pulled. */
  readonly pulling: Pulling | undefined;
  readonly ingest: () => Pick<IngestServer, 'connections' | 'endedStream'>;
  readonly isInStep: () => boolean;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

/** A pod that the watch has not told of for so long is worth a look. */
const longMs = 60_000;
const mostNamedPods = 5;

/** What this replica knows of each node, for a person who looks for one that is missing. */
export class OpenNodeListing implements NodeListing {
  readonly #parts: ListedParts;

  constructor(parts: ListedParts) {
    this.#parts = parts;
  }

  readonly replica = () => {
    const { config, directive, ingest, isInStep, pulling, snapshot, monotonicMs, wallMs } = this.#parts;
    const at = (ms: number) => timestamp(wallMs() - (monotonicMs() - ms));
    const { periodUsec, windowUsec } = directive();
    return {
      version: config.version,
      now: timestamp(wallMs()),
      watchesInStep: isInStep(),
      ...{ periodMs: periodUsec / 1000, windowMs: windowUsec / 1000 },
      streams: ingest().connections().length,
      ...(pulling !== undefined && { pullers: pullers(pulling.pullers, at) }),
      nodes: snapshot.nodeObjects.runs().reduce((sum, { length }) => sum + length, 0),
      held: snapshot.size(),
    };
  };

  readonly nodes = () => this.#each();

  readonly node = (name: string) => {
    const connections = this.#connections().get(name) ?? [];
    const isKnown = this.#parts.snapshot.nodeObjects.get('', name) !== undefined;
    return isKnown || connections.length > 0 ? this.#view(name, connections) : undefined;
  };

  *#each(): Generator<object> {
    const connections = this.#connections();
    const known = this.#parts.snapshot.nodeObjects.runs().flat();
    const names = new Set([...known.map(({ name }) => name), ...connections.keys()]);
    for (const name of [...names].sort()) yield this.#view(name, connections.get(name) ?? []);
  }

  /** By node: the stream that is heard, and after it one that waits to take over. */
  #connections(): ReadonlyMap<string, readonly Connection[]> {
    return Map.groupBy(this.#parts.ingest().connections(), ({ node }) => node);
  }

  #view(name: string, [heard, waiting]: readonly Connection[]): object {
    const { snapshot, capacities, refusals, pulling, ingest, monotonicMs, wallMs } = this.#parts;
    const nowMs = monotonicMs();
    const at = (ms: number | undefined) => (ms === undefined ? null : timestamp(wallMs() - (nowMs - ms)));
    const ended = heard === undefined ? ingest().endedStream(name) : undefined;
    const facts = heard?.talk.facts() ?? ended?.facts;
    const held = snapshot.latest(name);
    const capacity = capacities.of(name);
    return {
      name,
      inCluster: snapshot.nodeObjects.get('', name) !== undefined,
      connected: heard !== undefined,
      since: at(heard?.sinceMs ?? ended?.endedMs),
      peer: heard?.peer ?? null,
      agent: {
        podUid: heard?.podUid ?? null,
        version: facts?.greeting?.agentVersion ?? null,
        cgroupMode: facts?.greeting?.cgroupMode ?? null,
        replacedBy: waiting?.podUid ?? null,
      },
      ...times(held?.puller === undefined ? facts : pulledFacts(held), nowMs, at),
      source: sourceOf(held),
      ...(pulling !== undefined && { pull: pulledNode(pulling, name, at) }),
      served: snapshot.hasReport(name) ? servedBy(held) : null,
      unclaimed: unclaimedIn(held, nowMs),
      refused: refusals.ofNode(name).map(({ lastMs, ...refusal }) => ({ ...refusal, last: at(lastMs) })),
      capacity: {
        cpuCores: capacity?.cpuNanocores === undefined ? null : capacity.cpuNanocores / 1e9,
        memoryBytes: capacity?.memoryBytes ?? null,
      },
    };
  }
}

function sourceOf(held: HeldReport | undefined): string | null {
  if (held === undefined) return null;
  return held.puller === undefined ? 'agent' : 'puller';
}

function pulledFacts({ receivedMs, sampledMs, periodMs }: HeldReport): TimeFacts {
  const lastReport = { arrivedMs: receivedMs, sampledMs, periodMs };
  return { lastReport, offsetMs: undefined, roundTripMs: undefined };
}

function times(
  facts: TimeFacts | undefined,
  nowMs: number,
  at: (ms: number | undefined) => string | null,
): object {
  const last = facts?.lastReport;
  return {
    lastReport: last
      ? {
          arrived: at(last.arrivedMs),
          ageMs: rounded(nowMs - last.sampledMs),
          periodMs: rounded(last.periodMs),
        }
      : null,
    clock: { offsetMs: rounded(facts?.offsetMs), roundTripMs: rounded(facts?.roundTripMs) },
  };
}

function servedBy(held: HeldReport | undefined): object | null {
  return held === undefined
    ? null
    : { timestamp: timestamp(held.timestampMs), node: held.node !== undefined, ...held.served() };
}

/** Those that have waited longest first. Their names are the agent's words, of bounded length and in ASCII. */
function unclaimedIn(held: HeldReport | undefined, nowMs: number): object {
  const pods = [...(held?.unclaimed.values() ?? [])];
  const forMs = ({ sinceMs }: { readonly sinceMs: number }) => Math.round(nowMs - sinceMs);
  return {
    pods: pods.length,
    forLong: pods.filter((each) => forMs(each) > longMs).length,
    first: pods
      .sort((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, mostNamedPods)
      .map((each) => ({
        pod: `${each.pod.namespace}/${each.pod.name}`,
        uid: each.pod.uid,
        forMs: forMs(each),
      })),
  };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
