import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { errorWords } from '@tacho/command-line';
import type { AgentMessage, AggregatorMessage, Directive, NodesToPull, PushMethod } from '@tacho/proto';
import type { Logger } from 'pino';
import { backoffMs } from './backoff.ts';
import { isSooner, keepaliveAt } from './keepalive.ts';
import type { Outbox } from './outbox.ts';
import { type CallTimes, callReplica, type ReplicaAddress, type ReplicaCall } from './replica-call.ts';
import { StreamRecord } from './stream-record.ts';

/** What a stream needs from the rest of its program. */
export interface ReplicaStreamDeps {
  readonly log: Logger;
  readonly method: PushMethod;
  /** The first message of every stream, with the CAs that the program trusts. */
  readonly hello: (trustedCaSha256: readonly Uint8Array[]) => AgentMessage;
  readonly outbox: Outbox;
  readonly onDirective: (directive: Directive) => void;
  /** A puller's only. */
  readonly onNodesToPull?: (nodes: NodesToPull) => void;
  /** The period that the program keeps now, as a replica said last. */
  readonly periodUsec: () => number;
  /** Called when the stream has opened, and when it, or an attempt, has ended. */
  readonly onChange: () => void;
  readonly monotonicUsec: () => number;
  readonly random: () => number;
  /** PEM bundle that the replica's certificate must chain to; read anew for every attempt. */
  readonly caFile: string;
  /** Which CAs `caFile` holds, as SHA-256: another array when it has changed, then the replica is told. */
  readonly trustedCaSha256: () => readonly Uint8Array[];
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
export interface ReplicaStreamTimes extends CallTimes {
  /** Before asking again a replica that hears a newer agent of this node: soon enough to step in if that one ends. */
  readonly supersededMs: number;
}

const usualTimes: ReplicaStreamTimes = { connectMs: 2_500, answerMs: 5_000, supersededMs: 5_000 };
/** A stream that ended sooner is a failure: two agents of one node would drive each other out without pause. */
const servedUsec = 5_000_000;

type Stream = ReplicaCall['stream'];

/** How an attempt, or the stream that came of it, ended. */
interface Outcome {
  readonly connected: boolean;
  /** What the replica said, if it was the replica. */
  readonly code?: status;
  /** Whether a stream with a shorter keepalive takes its place: the replica is well. */
  readonly replaced?: boolean;
  readonly reason: string;
}

/**
 * One stream to one aggregator replica, for as long as the program lives: connects, says hello, sends what the outbox
 * has at once and all that comes into it later, and starts over when the stream ends. Has one message under way at most:
 * a replica that reads slowly gets the newest when it reads again, and costs the others nothing.
 */
export class ReplicaStream {
  readonly record: StreamRecord;
  readonly #address: ReplicaAddress;
  readonly #deps: ReplicaStreamDeps;
  readonly #times: ReplicaStreamTimes;
  #state: StreamState;
  #stream: Stream | undefined;
  #sending = false;
  #toldCas: readonly Uint8Array[] = [];

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

  /** There may be something new in the outbox. */
  flush(): void {
    this.#tellCas();
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
      if (outcome.replaced) continue;
      const served = outcome.connected && this.#deps.monotonicUsec() - beginUsec >= servedUsec;
      // The token of a stream that was good has come to its end: the file holds another by now.
      const renews = served && outcome.code === status.UNAUTHENTICATED;
      failures = served ? 1 : failures + 1;
      const { reason } = outcome;
      if (served || reason !== lastReason) {
        const level = renews ? 'info' : 'warn';
        this.#deps.log[level]({ replica: this.#address.target, reason }, 'stream to aggregator ended');
      }
      lastReason = reason;
      const nowUsec = this.#deps.monotonicUsec();
      // Also where the stream before gave way to this one, and this one was never there.
      const sinceUsec = this.#state.connected ? nowUsec : this.#state.sinceUsec;
      this.#state = { connected: false, sinceUsec, lastError: reason };
      this.#deps.onChange();
      const random = this.#deps.random();
      const backMs = renews ? 0 : backoffMs(failures, random);
      const superseded = outcome.code === status.ABORTED;
      const waitMs = superseded ? (this.#times.supersededMs / 2) * (1 + random) : backMs;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #attempt(signal: AbortSignal): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Omit<Outcome, 'connected'>>();
    const keepalive = keepaliveAt(this.#deps.periodUsec());
    let call: ReplicaCall;
    try {
      call = callReplica(this.#address, {
        ...this.#deps,
        keepalive,
        times: this.#times,
        tooLate: (reason) => resolve({ reason }),
      });
    } catch (error) {
      return { connected: false, reason: errorWords(error) };
    }
    const { stream } = call;
    let connected = false;
    const stop = () => stream.cancel();
    signal.addEventListener('abort', stop, { once: true });
    const receive = (message: AggregatorMessage) => {
      const opens = !connected;
      if (opens) {
        connected = true;
        this.#open(stream);
      }
      this.#receive(stream, message);
      // Only now: the first word says who else there is.
      if (opens) this.#deps.onChange();
      if (isSooner(keepaliveAt(this.#deps.periodUsec()), keepalive)) {
        resolve({ replaced: true, reason: 'the period became shorter' });
      }
    };
    stream.on('data', (message: AggregatorMessage) => call.outside(() => receive(message)));
    stream.on('error', ({ code, details, message }: ServiceError) =>
      resolve({ code, reason: details || message }),
    );
    stream.on('end', () => resolve({ reason: 'the replica closed the stream' }));
    this.#toldCas = this.#deps.trustedCaSha256();
    stream.write(this.#deps.hello(this.#toldCas));
    const outcome = await promise;
    signal.removeEventListener('abort', stop);
    if (this.#stream === stream) this.#stream = undefined;
    call.end();
    return { connected, ...outcome };
  }

  #open(stream: Stream): void {
    this.#deps.log.info({ replica: this.#address.target }, 'stream to aggregator is open');
    this.#stream = stream;
    this.record.begin();
    this.#sending = false;
    this.#deps.outbox.begin();
    this.#flush();
    this.#state = { ...this.#state, connected: true, sinceUsec: this.#deps.monotonicUsec() };
  }

  #receive(stream: Stream, message: AggregatorMessage): void {
    this.record.noteHeard(message);
    if (message.echo !== undefined) {
      stream.write({ echoReply: { nonce: message.echo.nonce, monotonicUsec: this.#deps.monotonicUsec() } });
    } else if (message.directive !== undefined) {
      this.#deps.onDirective(message.directive);
    } else if (message.nodesToPull !== undefined) {
      this.#deps.onNodesToPull?.(message.nodesToPull);
    }
  }

  #tellCas(): void {
    const sha256 = this.#deps.trustedCaSha256();
    if (this.#stream === undefined || sha256 === this.#toldCas) return;
    this.#toldCas = sha256;
    this.#stream.write({ trustedCas: { sha256 } });
  }

  #flush(): void {
    if (this.#stream === undefined || this.#sending) return;
    const stream = this.#stream;
    const message = this.#deps.outbox.next();
    if (message === undefined) return;
    this.#sending = true;
    // Until it is on its way: what a stream has been given it cannot be talked out of, and it would take sixteen.
    stream.write(message, (error?: Error | null) => {
      if (this.#stream !== stream) return;
      if (!error && message.report !== undefined) this.record.noteSent(message.report);
      this.#sending = false;
      this.#flush();
    });
  }
}
