import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { AgentMessage, AggregatorMessage, Directive, Hello, NodeReport, PushMethod } from '@tacho/proto';
import type { Logger } from 'pino';
import { backoffMs } from './backoff.ts';

/** How one aggregator replica is reached and whom it must prove to be. */
export interface ReplicaAddress {
  /** `host:port` */
  readonly target: string;
  /** Name that the replica's certificate must carry; undefined: the host of the target. */
  readonly serverName: string | undefined;
}

/** What a stream needs from the rest of the agent. */
export interface ReplicaStreamDeps {
  readonly log: Logger;
  readonly method: PushMethod;
  readonly hello: () => Hello;
  readonly onDirective: (directive: Directive) => void;
  readonly monotonicUsec: () => number;
  readonly random: () => number;
  /** PEM bundle that the replica's certificate must chain to; read anew for every attempt. */
  readonly caFile: string;
  /** Service account token; read anew for every attempt, because the kubelet renews it. */
  readonly tokenFile: string;
}

/** grpc-js waits for ever on a peer that accepts and stays silent, so each attempt has a bound of its own. */
const usualAttemptMs = 5_000;
const keepaliveMs = 5_000;
/** A stream that ended sooner is a failure: two agents of one node would drive each other out without pause. */
const servedUsec = 5_000_000;

type Stream = ClientDuplexStream<AgentMessage, AggregatorMessage>;

/**
 * One stream to one aggregator replica, for as long as the agent lives: connects, says hello, sends the latest
 * report at once and every new one after it, and starts over when the stream ends. Holds one report at most: a
 * replica that reads slowly gets the newest when it reads again, and costs the others nothing.
 */
export class ReplicaStream {
  readonly #address: ReplicaAddress;
  readonly #deps: ReplicaStreamDeps;
  readonly #attemptMs: number;
  #stream: Stream | undefined;
  #latest: NodeReport | undefined;
  #unsent = false;
  #sending = false;

  /** @param attemptMs how long the replica has for its first word */
  constructor(address: ReplicaAddress, deps: ReplicaStreamDeps, attemptMs = usualAttemptMs) {
    this.#address = address;
    this.#deps = deps;
    this.#attemptMs = attemptMs;
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
      await sleep(backoffMs(failures, this.#deps.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  async #attempt(signal: AbortSignal): Promise<{ connected: boolean; reason: string }> {
    let client: Client;
    const metadata = new Metadata();
    try {
      metadata.set('authorization', `Bearer ${readToken(this.#deps.tokenFile)}`);
      // Last: a client that is not closed keeps its channel for ever.
      client = this.#dial();
    } catch (error) {
      return { connected: false, reason: error instanceof Error ? error.message : String(error) };
    }
    const { promise, resolve } = Promise.withResolvers<string>();
    const { method } = this.#deps;
    const stream = client.makeBidiStreamRequest<AgentMessage, AggregatorMessage>(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      metadata,
    );
    let connected = false;
    const giveUp = setTimeout(() => {
      resolve(`no answer within ${this.#attemptMs / 1000} s`);
      stream.cancel();
    }, this.#attemptMs);
    const stop = () => stream.cancel();
    signal.addEventListener('abort', stop, { once: true });
    stream.on('data', (message: AggregatorMessage) => {
      if (!connected) {
        connected = true;
        clearTimeout(giveUp);
        this.#open(stream);
      }
      this.#receive(stream, message);
    });
    stream.on('error', (error: ServiceError) => resolve(error.details || error.message));
    stream.on('end', () => resolve('the replica closed the stream'));
    stream.write({ hello: this.#deps.hello() });
    const reason = await promise;
    clearTimeout(giveUp);
    signal.removeEventListener('abort', stop);
    if (this.#stream === stream) this.#stream = undefined;
    stream.cancel();
    client.close();
    return { connected, reason };
  }

  #dial(): Client {
    const { serverName, target } = this.#address;
    const channel = credentials.createSsl(readFileSync(this.#deps.caFile));
    return new Client(target, channel, {
      ...(serverName === undefined
        ? {}
        : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
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
    this.#sending = false;
    this.#unsent = this.#latest !== undefined;
    this.#flush();
  }

  #receive(stream: Stream, message: AggregatorMessage): void {
    if (message.echo !== undefined) {
      stream.write({ echoReply: { nonce: message.echo.nonce, monotonicUsec: this.#deps.monotonicUsec() } });
    } else if (message.directive !== undefined) {
      this.#deps.onDirective(message.directive);
    }
  }

  #flush(): void {
    if (this.#stream === undefined || this.#sending || !this.#unsent || this.#latest === undefined) return;
    const stream = this.#stream;
    this.#unsent = false;
    this.#sending = true;
    // Until it is on its way: what a stream has been given it cannot be talked out of, and it would take sixteen.
    stream.write({ report: this.#latest }, () => {
      if (this.#stream !== stream) return;
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
