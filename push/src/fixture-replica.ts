import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type status,
} from '@grpc/grpc-js';
import {
  type AgentMessage,
  type AggregatorMessage,
  type Directive,
  ingestService,
  type NodeReport,
  type NodesToPull,
} from '@tacho/proto';
import pino from 'pino';
import type { CertificateAndKey } from '../../test/stand-ins/kube-apiserver/pki.ts';
import { LatestReport } from './latest-report.ts';
import { ReplicaStream, type ReplicaStreamTimes, type StreamState } from './replica-stream.ts';
import { TrustedCas } from './trusted-cas.ts';

export const directive: Directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };

type Call = ServerDuplexStream<AgentMessage, AggregatorMessage>;

interface ListenOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Whether it answers a call at all. */
  readonly greets?: boolean;
  readonly periodUsec?: number;
}

/** A replica as far as the agent sees it: a real gRPC listener over TLS that notes what it is told. */
export class FixtureReplica implements AsyncDisposable {
  /** Every call, oldest first, with what was said on it. */
  readonly calls: { call: Call; token: string; messages: AgentMessage[] }[] = [];
  readonly port: number;
  /** `ip:port` */
  readonly address: string;
  readonly #server: Server;
  readonly #ended = new Set<Call>();
  #peers: string[] = [];

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.port = port;
    this.address = `${host}:${port}`;
  }

  static async listen(
    { certificate, key }: CertificateAndKey,
    { port = 0, host = '127.0.0.1', greets = true, periodUsec = directive.periodUsec }: ListenOptions = {},
  ): Promise<FixtureReplica> {
    const server = new Server();
    server.addService(ingestService() as unknown as ServiceDefinition, {
      Push(call: Call) {
        const messages: AgentMessage[] = [];
        replica.calls.push({ call, token: String(call.metadata.get('authorization')[0]), messages });
        call.on('data', (message: AgentMessage) => messages.push(message));
        call.on('error', () => undefined);
        call.on('end', () => call.end());
        if (greets) call.write({ directive: { ...directive, periodUsec, peers: replica.#peers } });
      },
    });
    const pair = [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }];
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:${port}`, ServerCredentials.createSsl(null, pair), (error, actual) =>
        error === null ? resolve(actual) : reject(error),
      );
    });
    const replica = new FixtureReplica(server, host, bound);
    return replica;
  }

  /** Tells these peers on every stream that there is, and on every later one. */
  tell(...peers: string[]): void {
    this.#peers = peers;
    for (const call of this.live()) call.write({ directive: { ...directive, peers } });
  }

  /** Calls that have not ended. */
  live(): readonly Call[] {
    return this.calls.flatMap(({ call }) => (call.cancelled || this.#ended.has(call) ? [] : [call]));
  }

  /** Ends its streams, as a replica that stops. */
  end(code: status, details: string): void {
    for (const call of this.live()) {
      this.#ended.add(call);
      call.emit('error', { code, details });
    }
  }

  /** Instants of the samples that were received, over all calls. */
  samples(): number[] {
    return this.calls.flatMap(({ messages }) =>
      messages.flatMap(({ report }) => (report === undefined ? [] : [report.sampleMonotonicUsec])),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }
}

/** The agent's side: files, a log that is kept, and a stream that runs until the end of the block. */
export class FixtureStream implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'tacho-push-'));
  readonly caFile = join(this.directory, 'ca.crt');
  readonly tokenFile = join(this.directory, 'token');
  readonly log: Record<string, unknown>[] = [];
  readonly directives: Directive[] = [];
  readonly nodesToPull: NodesToPull[] = [];
  /** How the stream was after each change. */
  readonly states: StreamState[] = [];
  readonly stop = new AbortController();
  readonly stream: ReplicaStream;
  readonly #trusted: TrustedCas;
  readonly #latest = new LatestReport();
  ended: Promise<void> | undefined;

  constructor(
    target: string,
    ca: string,
    options: {
      serverName: string;
      monotonicUsec?: () => number;
      onNodesToPull?: () => void;
    } & Partial<ReplicaStreamTimes>,
  ) {
    writeFileSync(this.caFile, ca);
    writeFileSync(this.tokenFile, 'token-1\n');
    this.#trusted = new TrustedCas(this.caFile, () => performance.now() * 1000);
    this.stream = new ReplicaStream(
      { target, serverName: options.serverName },
      {
        log: pino({ level: 'debug' }, { write: (line) => this.log.push(JSON.parse(line)) }),
        method: ingestService().Push,
        hello: (trustedCaSha256) => ({
          hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2', trustedCaSha256 },
        }),
        outbox: this.#latest.outbox(),
        onDirective: (each) => this.directives.push(each),
        onNodesToPull: (each) => {
          this.nodesToPull.push(each);
          options.onNodesToPull?.();
        },
        periodUsec: () => this.directives.at(-1)?.periodUsec ?? 5_000_000,
        onChange: () => this.states.push(this.stream.state),
        monotonicUsec: options.monotonicUsec ?? (() => Math.round(performance.now() * 1000)),
        random: () => 0,
        caFile: this.caFile,
        trustedCaSha256: () => this.#trusted.sha256,
        tokenFile: this.tokenFile,
      },
      options,
    );
  }

  push(report: NodeReport): void {
    this.#latest.report = report;
    this.stream.flush();
  }

  run(): this {
    this.ended = this.stream.run(this.stop.signal);
    return this;
  }

  /** Why streams ended, in the log's words. */
  reasons(): unknown[] {
    return this.log.flatMap(({ msg, reason }) => (msg === 'stream to aggregator ended' ? [reason] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A TCP way to a port that can be held up: nothing is lost, nothing arrives. */
export async function listenOnTheWay(to: number) {
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    pairs.push([near, far]);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    hold() {
      for (const [near, far] of pairs) near.unpipe(far).pause();
    },
    release() {
      for (const [near, far] of pairs) near.pipe(far);
    },
    [Symbol.dispose]() {
      server.close();
      for (const socket of pairs.flat()) socket.destroy();
    },
  };
}
