import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { AgentMessage, AggregatorMessage, Directive, Hello, NodeReport, PushMethod } from '@tacho/proto';
import type { Logger } from 'pino';
import { errorWords } from '../errors/error-words.ts';
import { backoffMs } from './backoff.ts';
import { StreamRecord } from './stream-record.ts';

/** How one aggregator replica is reached and whom it must prove to be. */
export interface ReplicaAddress {
  /** `ip:port` */
  readonly target: string;
  /** Name that the replica's certificate must carry. */
  readonly serverName: string;
}

/** What a stream needs from the rest of the agent. */
export interface ReplicaStreamDeps {
  readonly log: Logger;
  readonly method: PushMethod;
  readonly hello: () => Hello;
  readonly onDirective: (directive: Directive) => void;
  /** Called when the stream has opened, and when it, or an attempt, has ended. */
  readonly onChange: () => void;
  readonly monotonicUsec: () => number;
  readonly random: () => number;
  /** PEM bundle that the replica's certificate must chain to; read anew for every attempt. */
  readonly caFile: string;
  /** Service account token; read anew for every attempt, because the kubelet renews it. */
  readonly tokenFile: string;
}

/** How a stream is, for a person who asks. */
export interface StreamState {
  readonly connected: boolean;
  /** Since when, on the monotonic clock. */
  readonly sinceUsec: number;
  /** Why the last stream or attempt ended. */
  readonly lastError: string | undefined;
}

/** How long to wait for what. */
export interface ReplicaStreamTimes {
  /** For a replica's first word. grpc-js waits for ever on a peer that accepts and stays silent. */
  readonly attemptMs: number;
  /** Before asking again a replica that hears a newer agent of this node: soon enough to step in if that one ends. */
  readonly supersededMs: number;
}

const usualTimes: ReplicaStreamTimes = { attemptMs: 5_000, supersededMs: 5_000 };
const keepaliveMs = 5_000;
/** A stream that ended sooner is a failure: two agents of one node would drive each other out without pause. */
const servedUsec = 5_000_000;

type Stream = ClientDuplexStream<AgentMessage, AggregatorMessage>;

/** How an attempt, or the stream that came of it, ended. */
interface Outcome {
  readonly connected: boolean;
  /** Whether the replica hears another agent of this node instead. */
  readonly superseded: boolean;
  readonly reason: string;
}

/**
 * One stream to one aggregator replica, for as long as the agent lives: connects, says hello, sends the latest
 * report at once and every new one after it, and starts over when the stream ends. Holds one report at most: a
 * replica that reads slowly gets the newest when it reads again, and costs the others nothing.
 */
export class ReplicaStream {
  readonly record: StreamRecord;
  readonly #address: ReplicaAddress;
  readonly #deps: ReplicaStreamDeps;
  readonly #times: ReplicaStreamTimes;
  #state: StreamState;
  #stream: Stream | undefined;
  #latest: NodeReport | undefined;
  #unsent = false;
  #sending = false;

  constructor(address: ReplicaAddress, deps: ReplicaStreamDeps, times: Partial<ReplicaStreamTimes> = {}) {
    this.#address = address;
    this.#deps = deps;
    this.#times = { ...usualTimes, ...times };
    this.record = new StreamRecord(deps.monotonicUsec);
    this.#state = { connected: false, sinceUsec: deps.monotonicUsec(), lastError: undefined };
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Hands over a new report; what was not sent yet is forgotten. */
  push(report: NodeReport): void {
    this.#latest = report;
    this.#unsent = true;
    this.#flush();
  }

  /** Keeps the stream up until the signal says stop. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let lastReason = '';
    while (!signal.aborted) {
      const beginUsec = this.#deps.monotonicUsec();
      const outcome = await this.#attempt(signal);
      if (signal.aborted) return;
      const served = outcome.connected && this.#deps.monotonicUsec() - beginUsec >= servedUsec;
      failures = served ? 1 : failures + 1;
      if (served || outcome.reason !== lastReason) {
        this.#deps.log.warn(
          { replica: this.#address.target, reason: outcome.reason },
          'stream to aggregator ended',
        );
      }
      lastReason = outcome.reason;
      const nowUsec = this.#deps.monotonicUsec();
      const sinceUsec = outcome.connected ? nowUsec : this.#state.sinceUsec;
      this.#state = { connected: false, sinceUsec, lastError: outcome.reason };
      this.#deps.onChange();
      const random = this.#deps.random();
      const waitMs = outcome.superseded
        ? (this.#times.supersededMs / 2) * (1 + random)
        : backoffMs(failures, random);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #attempt(signal: AbortSignal): Promise<Outcome> {
    let client: Client;
    const metadata = new Metadata();
    try {
      metadata.set('authorization', `Bearer ${readToken(this.#deps.tokenFile)}`);
      // Last: a client that is not closed keeps its channel for ever.
      client = this.#dial();
    } catch (error) {
      const reason = errorWords(error);
      return { connected: false, superseded: false, reason };
    }
    const { promise, resolve } = Promise.withResolvers<Omit<Outcome, 'connected'>>();
    const { method } = this.#deps;
    const stream = client.makeBidiStreamRequest<AgentMessage, AggregatorMessage>(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      metadata,
    );
    let connected = false;
    const giveUp = setTimeout(() => {
      resolve({ superseded: false, reason: `no answer within ${this.#times.attemptMs / 1000} s` });
      stream.cancel();
    }, this.#times.attemptMs);
    const stop = () => stream.cancel();
    signal.addEventListener('abort', stop, { once: true });
    stream.on('data', (message: AggregatorMessage) => {
      const opens = !connected;
      if (opens) {
        connected = true;
        clearTimeout(giveUp);
        this.#open(stream);
      }
      this.#receive(stream, message);
      // Only now: the first word says who else there is.
      if (opens) this.#deps.onChange();
    });
    stream.on('error', ({ code, details, message }: ServiceError) =>
      resolve({ superseded: code === status.ABORTED, reason: details || message }),
    );
    stream.on('end', () => resolve({ superseded: false, reason: 'the replica closed the stream' }));
    stream.write({ hello: this.#deps.hello() });
    const outcome = await promise;
    clearTimeout(giveUp);
    signal.removeEventListener('abort', stop);
    if (this.#stream === stream) this.#stream = undefined;
    stream.cancel();
    client.close();
    return { connected, ...outcome };
  }

  #dial(): Client {
    const { serverName, target } = this.#address;
    const channel = credentials.createSsl(readFileSync(this.#deps.caFile));
    return new Client(target, channel, {
      'grpc.ssl_target_name_override': serverName,
      'grpc.default_authority': serverName,
      'grpc.keepalive_time_ms': keepaliveMs,
      'grpc.keepalive_timeout_ms': keepaliveMs,
      // A channel of its own for each attempt: a failed one must not hold the next one back.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      // Otherwise grpc-js keeps up to 1 MiB that is not on its way yet, and calls it written.
      'grpc.per_rpc_retry_buffer_size': 0,
    });
  }

  #open(stream: Stream): void {
    this.#deps.log.info({ replica: this.#address.target }, 'stream to aggregator is open');
    this.#stream = stream;
    this.record.begin();
    this.#sending = false;
    this.#unsent = this.#latest !== undefined;
    this.#flush();
    this.#state = { ...this.#state, connected: true, sinceUsec: this.#deps.monotonicUsec() };
  }

  #receive(stream: Stream, message: AggregatorMessage): void {
    this.record.noteHeard(message);
    if (message.echo !== undefined) {
      stream.write({ echoReply: { nonce: message.echo.nonce, monotonicUsec: this.#deps.monotonicUsec() } });
    } else if (message.directive !== undefined) {
      this.#deps.onDirective(message.directive);
    }
  }

  #flush(): void {
    if (this.#stream === undefined || this.#sending || !this.#unsent || this.#latest === undefined) return;
    const stream = this.#stream;
    const report = this.#latest;
    this.#unsent = false;
    this.#sending = true;
    // Until it is on its way: what a stream has been given it cannot be talked out of, and it would take sixteen.
    stream.write({ report }, (error?: Error | null) => {
      if (this.#stream !== stream) return;
      if (!error) this.record.noteSent(report);
      this.#sending = false;
      this.#flush();
    });
  }
}

/** @throws in words that do not show what the file holds */
function readToken(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(
    `Cannot authenticate: expected one token in ${file}, found ${token === '' ? 'none' : 'other text'}`,
  );
}
