import type { TLSSocket } from 'node:tls';
import { status } from '@grpc/grpc-js';
import { AgentCalls, type AgentCallsDeps, type Connection } from './agent-calls.ts';
import type { AgentIdentifier } from './agent-identity.ts';
import { AgentListener, type ListenerBounds, type ServingPair } from './agent-listener.ts';
import type { AgentRefusal } from './agent-node.ts';
import { addressOf, endCall, refusalStatus } from './call-ends.ts';
import type { EndedStream } from './node-records.ts';
import type { OpenCall } from './open-call.ts';
import type { PullerStreams } from './puller-streams.ts';
import { type Call, PushService } from './push-service.ts';
import type { RefusalDetail } from './refusals.ts';
import { type StreamLease, StreamLeases } from './stream-leases.ts';
import { withoutTrust } from './trusted-cas.ts';
import { Turns } from './turns.ts';

/** What the listener for agents needs. */
export interface IngestServerDeps extends AgentCallsDeps {
  readonly identifier: AgentIdentifier;
  /** Takes the calls of pullers, where there are to be some. */
  readonly pullers: PullerStreams | undefined;
  readonly random: () => number;
}

/** An agent that reads has nothing unread but what was just sent. */
const mostUnsent = 8;

/** The gRPC listener that agents push to. */
export class IngestServer {
  readonly #deps: IngestServerDeps;
  readonly #service: PushService;
  readonly #listener: AgentListener;
  readonly #agents: AgentCalls;
  readonly #leases: StreamLeases;
  readonly #turns: Turns;

  constructor(deps: IngestServerDeps, bounds: Partial<ListenerBounds> = {}) {
    this.#deps = deps;
    this.#agents = new AgentCalls(deps);
    this.#leases = new StreamLeases(deps);
    this.#turns = new Turns(setImmediate, deps.monotonicMs);
    this.#service = new PushService(
      (call) => void this.#serve(call),
      (peer) => deps.refusals.add('message larger than 4 MiB', this.#whoIs(peer)),
    );
    const serve = (connection: TLSSocket) => this.#service.accept(connection);
    this.#listener = new AgentListener({ refusals: deps.refusals, serve }, bounds);
  }

  /** Every agent that is connected. */
  connections(): readonly Connection[] {
    return this.#agents.all();
  }

  /** What was known of a node's last stream when it ended. */
  endedStream(node: string): EndedStream | undefined {
    return this.#agents.endedStream(node);
  }

  /** Forgets what is kept of nodes without a stream that are not known any more. */
  forgetNodes(isKnown: (node: string) => boolean): void {
    const connected = new Set(this.#agents.all().map(({ node }) => node));
    const isKept = (node: string) => connected.has(node) || isKnown(node);
    for (const kept of [this.#agents, this.#deps.refusals]) kept.forgetNodes(isKept);
  }

  /** Tells every agent that is connected what holds from now on. */
  sendDirective(): void {
    const directive = this.#deps.directive();
    this.#agents.direct(directive);
    this.#deps.pullers?.direct(directive);
  }

  /**
   * Those of these nodes that have no stream here, and all whose agent is connected and has not said that it trusts this CA.
   * @param sha256 of the certificate, hex
   */
  distrusting(nodes: Iterable<string>, sha256: string): string[] {
    const streams = [...this.#agents.all(), ...(this.#deps.pullers?.trusting() ?? [])];
    return withoutTrust(nodes, streams, sha256);
  }

  /** Ends the streams of agents that may no longer be heard; call it every second. */
  endStale(): void {
    this.#leases.sweep();
  }

  /** Shows new connections this certificate; those that are open go on. Before the first, connections are dropped. */
  serveWith(serving: ServingPair): void {
    this.#listener.serveWith(serving);
  }

  /** @param host an IP address @returns the port that was bound; give port 0 for any free one */
  listen(port: number, host: string): Promise<number> {
    return this.#listener.listen(port, host);
  }

  /** Ends every stream with UNAVAILABLE, so that agents look for another replica, then closes the listener. */
  async close(): Promise<void> {
    const closed = this.#listener.close();
    for (const calls of [this.#agents, this.#deps.pullers]) {
      calls?.end(status.UNAVAILABLE, 'aggregator is stopping');
    }
    this.#service.close();
    await closed;
  }

  async #serve(call: Call): Promise<void> {
    const peer = call.getPeer();
    // What is said while the token is under review stays in HTTP/2's window: nothing of a stranger is decoded.
    call.pause();
    let live: OpenCall | undefined;
    let lease: StreamLease | undefined;
    const closed = new AbortController();
    call.on('data', (message: Buffer) => live?.receive(message));
    call.on('error', () => undefined);
    const forget = () => {
      if (closed.signal.aborted) return;
      closed.abort();
      lease?.close();
      if (live === undefined) return;
      live.left();
      this.#listener.streamEnded(peer);
    };
    call.on('close', forget);
    call.on('cancelled', forget);
    call.on('end', () => {
      forget();
      call.end();
    });
    const [authorization] = call.metadata.get('authorization');
    const identity = await this.#deps.identifier.identify(
      authorization?.toString(),
      addressOf(peer),
      closed.signal,
    );
    if (closed.signal.aborted) return;
    if ('refused' in identity) {
      this.#refuse(call, identity, { peer });
      return;
    }
    const { node, podName, role } = identity;
    const whom = role === 'agent' ? { node, peer } : { puller: podName, peer };
    const calls = role === 'agent' ? this.#agents : this.#deps.pullers;
    const open = calls?.open(identity, {
      peer,
      send: (message) => {
        if (call.writableLength < mostUnsent) call.write(message);
        else this.#cut(whom);
      },
      askForTurn: (served) => this.#turns.ask(served),
      listen: (on) => void (on ? call.resume() : call.pause()),
      end: (code, details) => {
        forget();
        endCall(call, code, details);
      },
    });
    if (open === undefined) return;
    live = open;
    this.#listener.streamOpened(peer);
    lease = this.#leases.open(identity, (why) => {
      forget();
      this.#refuse(call, why, whom);
    });
    live.open();
    call.resume();
  }

  /** Its farewell would not be read either. */
  #cut(whom: RefusalDetail & { readonly peer: string }): void {
    this.#deps.refusals.add('agent that does not read what it is told', whom);
    this.#listener.cut(whom.peer);
  }

  #whoIs(peer: string): RefusalDetail {
    const stream = this.#agents.all().find((each) => each.peer === peer);
    return stream === undefined ? { peer } : { node: stream.node, peer };
  }

  #refuse(call: Call, { cause, code, reason, refused }: AgentRefusal, whom: RefusalDetail): void {
    this.#deps.refusals.add(reason, { ...whom, why: cause ?? refused });
    endCall(call, refusalStatus[code], refused);
  }
}
