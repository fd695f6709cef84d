import { setTimeout as sleep } from 'node:timers/promises';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { type AgentMessage, type AggregatorMessage, type Directive, ingestService } from '@tacho/proto';
import type { Logger } from 'pino';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import type { AgentIdentifier } from './agent-identity.ts';
import { AgentStream } from './agent-stream.ts';
import type { Refusals } from './refusals.ts';

type Call = ServerDuplexStream<AgentMessage, AggregatorMessage>;

/** What the listener for agents needs. */
export interface IngestServerDeps {
  readonly log: Logger;
  readonly identifier: AgentIdentifier;
  readonly refusals: Refusals;
  readonly directive: () => Directive;
  readonly accept: (node: string, report: CheckedReport, sampledAtMs: number) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

const longestMessageBytes = 4 * 1024 * 1024;
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
  /** One live stream per node: the newest wins. */
  readonly #streams = new Map<string, Call>();

  constructor(deps: IngestServerDeps) {
    this.#deps = deps;
    this.#server = new Server({
      'grpc.max_receive_message_length': longestMessageBytes,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5_000,
    });
    this.#server.addService(ingestService() as unknown as ServiceDefinition, {
      Push: (call: Call) => void this.#serve(call),
    });
  }

  /** Nodes whose agent is connected to this replica. */
  connectedNodes(): readonly string[] {
    return [...this.#streams.keys()].sort();
  }

  /** @returns the port that was bound; give port 0 for any free one */
  listen(address: string, serving: { readonly cert: Buffer; readonly key: Buffer }): Promise<number> {
    const credentials = ServerCredentials.createSsl(null, [
      { cert_chain: serving.cert, private_key: serving.key },
    ]);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  /** Ends every stream with UNAVAILABLE, so that agents look for another replica, then closes the listener. */
  async close(): Promise<void> {
    for (const call of this.#streams.values()) end(call, status.UNAVAILABLE, 'aggregator is stopping');
    this.#streams.clear();
    await Promise.race([
      new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve())),
      sleep(farewellMs, undefined, { ref: false }),
    ]);
    this.#server.forceShutdown();
  }

  async #serve(call: Call): Promise<void> {
    const peer = call.getPeer();
    // Listening only later would lose what is said while the token is under review.
    const early: AgentMessage[] = [];
    let live: { readonly node: string; readonly stream: AgentStream } | undefined;
    let closed = false;
    call.on('data', (message: AgentMessage) => {
      if (live === undefined) {
        if (early.push(message) > 2) early.shift();
      } else if (this.#streams.get(live.node) === call) live.stream.receive(message);
      // Otherwise another stream has taken over, and this one is only being ended.
    });
    call.on('error', () => undefined);
    const [authorization] = call.metadata.get('authorization');
    const forget = () => {
      closed = true;
      if (identity !== undefined && 'node' in identity && this.#streams.get(identity.node) === call) {
        this.#streams.delete(identity.node);
      }
    };
    let identity: Awaited<ReturnType<AgentIdentifier['identify']>> | undefined;
    call.on('close', forget);
    call.on('cancelled', forget);
    call.on('end', () => {
      forget();
      call.end();
    });
    identity = await this.#deps.identifier.identify(authorization?.toString());
    if (closed) return;
    if ('refused' in identity) {
      const { cause, code, refused } = identity;
      this.#deps.refusals.add(refusalReasons[code], { peer, why: cause ?? refused });
      end(call, refusalStatus[code], refused);
      return;
    }
    const { node } = identity;
    const older = this.#streams.get(node);
    this.#streams.set(node, call);
    if (older !== undefined) end(older, status.ABORTED, 'a newer stream of the same node took over');
    const stream = new AgentStream(node, {
      ...this.#deps,
      send: (message) => void call.write(message),
      greeted: (agent) => this.#deps.log.info({ node, peer, ...agent }, 'agent connected'),
    });
    live = { node, stream };
    stream.open(this.#deps.directive());
    for (const message of early) stream.receive(message);
  }
}

function end(call: Call, code: status, details: string): void {
  call.emit('error', { code, details });
}
