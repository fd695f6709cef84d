import { setTimeout as sleep } from 'node:timers/promises';
import { Server, type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js';
import { type AgentMessage, type AggregatorMessage, type Directive, ingestService } from '@tacho/proto';
import type { Logger } from 'pino';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import type { AgentIdentifier } from './agent-identity.ts';
import { AgentStream } from './agent-stream.ts';
import { LiveCredentials, type ServingPair } from './live-credentials.ts';
import { type NodeStream, NodeStreams } from './node-streams.ts';
import type { Refusals } from './refusals.ts';

type Call = ServerDuplexStream<AgentMessage, AggregatorMessage>;

/** A call whose agent is known. */
interface LiveStream extends NodeStream {
  readonly call: Call;
  readonly talk: AgentStream;
}

/** What the listener for agents needs. */
export interface IngestServerDeps {
  readonly log: Logger;
  readonly identifier: AgentIdentifier;
  readonly refusals: Refusals;
  /** What every agent is told now; when it changes, call sendDirective(). */
  readonly directive: () => Directive;
  /** Whether the first of two agents' pods, by UID, must give way to the second. */
  readonly isOutdatedBy: (podUid: string | undefined, otherUid: string | undefined) => boolean;
  readonly accept: (node: string, report: CheckedReport, sampledAtMs: number) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

const longestMessageBytes = 4 * 1024 * 1024;
/** Of one connection; an agent opens a connection for each of its streams. */
const mostStreams = 4;
const farewellMs = 500;

const refusalStatus = {
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  unavailable: status.UNAVAILABLE,
};
/** Benign and hostile refusals are counted apart. */
const refusalReasons = {
  unauthenticated: 'agent without a valid identity',
  forbidden: 'agent with the identity of somebody else',
  unavailable: 'agent whose token cannot be reviewed now',
};

/** The gRPC listener that agents push to. */
export class IngestServer {
  readonly #deps: IngestServerDeps;
  readonly #server: Server;
  readonly #credentials = new LiveCredentials();
  readonly #streams: NodeStreams<LiveStream>;

  constructor(deps: IngestServerDeps) {
    this.#deps = deps;
    this.#streams = new NodeStreams(deps.isOutdatedBy);
    this.#server = new Server({
      'grpc.max_receive_message_length': longestMessageBytes,
      'grpc.max_concurrent_streams': mostStreams,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5_000,
      // An agent's stream stays open: a connection without one is a stranger's, and holds a file descriptor.
      'grpc.max_connection_idle_ms': 30_000,
    });
    this.#server.addService(ingestService() as unknown as ServiceDefinition, {
      Push: (call: Call) => void this.#serve(call),
    });
  }

  /** How many agents are connected. */
  get streams(): number {
    return this.#streams.all().length;
  }

  /** Tells every agent that is connected what holds from now on. */
  sendDirective(): void {
    const directive = this.#deps.directive();
    for (const { talk } of this.#streams.all()) talk.direct(directive);
  }

  /** Shows new connections this certificate; those that are open go on. Before the first, connections are dropped. */
  serveWith(serving: ServingPair): void {
    this.#credentials.serveWith(serving);
  }

  /** @returns the port that was bound; give port 0 for any free one */
  listen(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, this.#credentials.server, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  /** Ends every stream with UNAVAILABLE, so that agents look for another replica, then closes the listener. */
  async close(): Promise<void> {
    for (const { call } of this.#streams.clear()) end(call, status.UNAVAILABLE, 'aggregator is stopping');
    await Promise.race([
      new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())),
      sleep(farewellMs, undefined, { ref: false }),
    ]);
    this.#server.forceShutdown();
  }

  async #serve(call: Call): Promise<void> {
    const peer = call.getPeer();
    // What is said while the token is under review stays in HTTP/2's window: nothing of a stranger is decoded.
    call.pause();
    let live: LiveStream | undefined;
    let closed = false;
    call.on('data', (message: AgentMessage) => {
      // Otherwise another stream has taken over, and this one is only being ended.
      if (live !== undefined && this.#streams.has(live)) live.talk.receive(message);
    });
    call.on('error', () => undefined);
    const forget = () => {
      closed = true;
      if (live !== undefined) this.#streams.leave(live);
    };
    call.on('close', forget);
    call.on('cancelled', forget);
    call.on('end', () => {
      forget();
      call.end();
    });
    const [authorization] = call.metadata.get('authorization');
    const identity = await this.#deps.identifier.identify(authorization?.toString());
    if (closed) return;
    if ('refused' in identity) {
      const { cause, code, refused } = identity;
      this.#deps.refusals.add(refusalReasons[code], { peer, why: cause ?? refused });
      end(call, refusalStatus[code], refused);
      return;
    }
    const { node } = identity;
    const stream: LiveStream = {
      ...identity,
      call,
      talk: new AgentStream(node, {
        ...this.#deps,
        send: (message) => void call.write(message),
        greeted: (agent) => this.#deps.log.info({ node, peer, ...agent }, 'agent connected'),
        accept: (...report) => {
          const { heard, end: superseded } = this.#streams.report(stream);
          if (superseded !== undefined) supersede(superseded);
          if (heard) this.#deps.accept(...report);
        },
      }),
    };
    const superseded = this.#streams.come(stream);
    if (superseded !== undefined) supersede(superseded);
    if (superseded === stream) return;
    live = stream;
    stream.talk.open(this.#deps.directive());
    call.resume();
  }
}

function supersede({ call }: LiveStream): void {
  end(call, status.ABORTED, 'a newer agent of the same node has taken over');
}

function end(call: Call, code: status, details: string): void {
  call.emit('error', { code, details });
}
