import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { NodeReport, PushMethod } from '@tacho/proto';
import { backoffMs } from '../../../push/src/backoff.ts';
import { FrameReader, framed } from './grpc-frames.ts';

/** Where an agent pushes to, and who it is. */
export interface AgentAddress {
  readonly port: number;
  readonly serverName: string;
  readonly nodeName: string;
  readonly tokenFile: string;
  /** Each node has an address of its own. */
  readonly localAddress: string;
}

/** What becomes of the agents' work, of all of them together. */
export interface AgentCounts {
  connected: number;
  attempts: number;
  /** Reports that a later one replaced, because the aggregator did not read. */
  replaced: number;
  /** How attempts and streams ended. */
  readonly ends: Record<string, number>;
}

export interface LeanAgentDeps {
  readonly method: PushMethod;
  readonly context: SecureContext;
  readonly counts: AgentCounts;
  readonly onPeriod: (periodUsec: number) => void;
  readonly trustedCaSha256: () => readonly Uint8Array[];
  readonly monotonicUsec: () => number;
}

/** As the real agent has them. */
const attemptMs = 5_000;
const keepaliveMs = 5_000;

/**
 * An agent without what makes grpc-js large: HTTP/2, TLS, gRPC's framing and the agent's manners (bounded attempts, backoff,
 * keepalive, the newest report only, echoes), so that some thousand fit into a process.
 */
export class LeanAgent {
  readonly #address: AgentAddress;
  readonly #deps: LeanAgentDeps;
  #stream: ClientHttp2Stream | undefined;
  #latest: NodeReport | undefined;
  #unsent = false;
  #sending = false;
  #sent = 0;

  constructor(address: AgentAddress, deps: LeanAgentDeps) {
    this.#address = address;
    this.#deps = deps;
  }

  /** Reports that its present stream, or the last one, has taken. */
  get sent(): number {
    return this.#sent;
  }

  /** Only the newest is sent; it may change until then. */
  push(report: NodeReport): void {
    if (this.#unsent && this.#stream !== undefined) this.#deps.counts.replaced += 1;
    this.#latest = report;
    this.#unsent = true;
    this.#flush();
  }

  /** Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { counts } = this.#deps;
    for (let failures = 1; !signal.aborted; failures += 1) {
      counts.attempts += 1;
      const { reason, served } = await this.#attempt(signal);
      counts.ends[reason] = (counts.ends[reason] ?? 0) + 1;
      if (served) failures = 1;
      await sleep(backoffMs(failures, Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  #attempt(signal: AbortSignal): Promise<{ readonly reason: string; readonly served: boolean }> {
    const { counts } = this.#deps;
    const { promise, resolve } = Promise.withResolvers<{ reason: string; served: boolean }>();
    let reason = 'connection ended';
    const session = this.#dial();
    const stream = session.request(this.#headers());
    const giveUp = setTimeout(() => {
      reason = `no answer within ${attemptMs / 1000} s`;
      session.destroy();
    }, attemptMs);
    const keepalive = setInterval(() => !session.destroyed && session.ping(() => undefined), keepaliveMs);
    const stop = () => session.destroy();
    signal.addEventListener('abort', stop, { once: true });
    const frames = new FrameReader();
    const noteStatus = (headers: Readonly<Record<string, unknown>>) => {
      if (headers['grpc-status'] !== undefined)
        reason = `status ${headers['grpc-status']}: ${decodeURIComponent(String(headers['grpc-message']))}`;
    };
    stream.on('response', noteStatus).on('trailers', noteStatus);
    stream.on('data', (chunk: Buffer) => {
      for (const message of frames.read(chunk)) {
        if (this.#stream !== stream) {
          clearTimeout(giveUp);
          counts.connected += 1;
          this.#open(stream);
        }
        this.#receive(stream, message);
      }
    });
    const noteError = (error: NodeJS.ErrnoException) => {
      if (reason === 'connection ended') reason = error.code ?? error.message;
    };
    stream.on('error', noteError).on('close', () => session.destroy());
    session.on('error', noteError).on('close', () => {
      clearTimeout(giveUp);
      clearInterval(keepalive);
      signal.removeEventListener('abort', stop);
      const served = this.#stream === stream;
      if (served) counts.connected -= 1;
      if (served) this.#stream = undefined;
      resolve({ reason, served });
    });
    const { method, trustedCaSha256 } = this.#deps;
    const { nodeName } = this.#address;
    const agent = { nodeName, agentVersion: '0.0.0', cgroupMode: 'v2' };
    const hello = { ...agent, trustedCaSha256: trustedCaSha256() };
    stream.write(framed(method.requestSerialize({ hello })));
    return promise;
  }

  #dial(): ClientHttp2Session {
    const { localAddress, port, serverName } = this.#address;
    return connect(`https://${serverName}`, {
      createConnection: () =>
        connectTls({
          ...{ host: '127.0.0.1', port, localAddress, servername: serverName },
          ...{ secureContext: this.#deps.context, ALPNProtocols: ['h2'] },
        }),
    });
  }

  #headers(): Record<string, string> {
    return {
      ':method': 'POST',
      ':path': this.#deps.method.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'grpc-node-js/1.14.7',
      'grpc-accept-encoding': 'identity,deflate,gzip',
      'accept-encoding': 'identity',
      // Read anew for every attempt, as the agent does.
      authorization: `Bearer ${readFileSync(this.#address.tokenFile, 'utf8').trim()}`,
    };
  }

  #open(stream: ClientHttp2Stream): void {
    this.#stream = stream;
    this.#sending = false;
    this.#sent = 0;
    this.#unsent = this.#latest !== undefined;
    this.#flush();
  }

  #receive(stream: ClientHttp2Stream, bytes: Buffer): void {
    const { method, monotonicUsec, onPeriod } = this.#deps;
    const { directive, echo } = method.responseDeserialize(bytes);
    if (directive !== undefined) onPeriod(directive.periodUsec);
    if (echo === undefined) return;
    const echoReply = { nonce: echo.nonce, monotonicUsec: monotonicUsec() };
    stream.write(framed(method.requestSerialize({ echoReply })));
  }

  #flush(): void {
    const stream = this.#stream;
    if (stream === undefined || this.#sending || !this.#unsent || this.#latest === undefined) return;
    this.#unsent = false;
    this.#sending = true;
    stream.write(framed(this.#deps.method.requestSerialize({ report: this.#latest })), (error) => {
      if (this.#stream !== stream) return;
      if (!error) this.#sent += 1;
      this.#sending = false;
      this.#flush();
    });
  }
}
