import { buildConnector, Client } from 'undici';
import {
  type At,
  type Failure,
  ResourceReader,
  type ResourceReadings,
} from '../exposition/resource-reader.ts';
import { type Exchange, parseDate } from '../usage/kubelet-clock.ts';
import type { KubeletCredentials } from './kubelet-credentials.ts';
import { failureProblem, type KubeletProblem, PullFailed, problemOf, statusProblem } from './pull-problem.ts';

/** What asking needs. */
export interface KubeletConnectionDeps {
  readonly credentials: KubeletCredentials;
  /** For all of a pull: connecting, the answer, its end. */
  readonly requestTimeoutMs: number;
  readonly monotonicMs: () => number;
}

/** What became of one try. */
export interface Attempt {
  readonly url: string;
  /** Of the body, as far as it was read. */
  readonly bytes: number;
  readonly answer: { readonly readings: ResourceReadings; readonly exchange: Exchange } | undefined;
  /** Undefined exactly where there is an answer. */
  readonly problem: KubeletProblem | undefined;
}

const path = '/metrics/resource';
/** 10,000 containers' take 9 MiB. */
export const mostBytes = 32 * 2 ** 20;
/** A connection outlives the time between two pulls; kubelets let an idle one be for longer. */
const keepAliveMs = 90_000;

/**
 * The connection to one kubelet, which is kept: HTTP/2 or 1.1 as the kubelet likes, verified before it is shown a token.
 * After a try that failed the next one has a connection of its own.
 */
export class KubeletConnection {
  readonly #deps: KubeletConnectionDeps;
  #client: Client | undefined;
  #origin = '';

  constructor(deps: KubeletConnectionDeps) {
    this.#deps = deps;
  }

  /** Asks once. Never rejects. @param origin says where the kubelet is; may throw PullFailed */
  async pull(origin: () => string, signal: AbortSignal): Promise<Attempt> {
    const { monotonicMs, requestTimeoutMs: timeoutMs } = this.#deps;
    const tooLate = AbortSignal.timeout(timeoutMs);
    const until = AbortSignal.any([signal, tooLate]);
    let url = 'nobody';
    let bytes = 0;
    let isAnswered = false;
    try {
      const at = origin();
      url = at + path;
      const authority = this.#deps.credentials.authorization();
      const client = this.#open(at);
      const askedMs = monotonicMs();
      const { body, headers, statusCode } = await client.request({
        ...{ path, method: 'GET', signal: until },
        headers: {
          accept: 'text/plain;version=0.0.4',
          'accept-encoding': 'identity',
          'user-agent': 'tacho-puller',
          ...(authority === undefined ? {} : { authorization: authority }),
        },
      });
      const answeredMs = monotonicMs();
      isAnswered = true;
      // What is left of the body goes with the connection.
      body.on('error', () => undefined);
      if (statusCode !== 200) throw statusProblem(statusCode);
      const dateMs = dateOf(headers);
      const reader = new ResourceReader();
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > mostBytes)
          throw new PullFailed('too large', `its answer is larger than ${mostBytes / 2 ** 20} MiB`);
        if (!reader.write(chunk)) break;
      }
      const readings = reader.end();
      if (isFailure(readings)) throw failureProblem(readings);
      return {
        url,
        bytes,
        answer: { readings, exchange: { askedMs, answeredMs, dateMs } },
        problem: undefined,
      };
    } catch (error) {
      this.close();
      const problem = problemOf(error, { url, timeoutMs, isAnswered, isTooLate: tooLate.aborted });
      return { url, bytes, answer: undefined, problem };
    }
  }

  close(): void {
    void this.#client?.destroy().catch(() => undefined);
    this.#client = undefined;
  }

  /** undici makes connections anew by itself: each is verified by what the files hold then. */
  readonly #connect: buildConnector.connector = (options, callback) => {
    const { credentials, requestTimeoutMs: timeout } = this.#deps;
    try {
      const tls = credentials.tlsOptions();
      // Each connection is verified itself, not by a session of an earlier one.
      buildConnector({ ...tls, timeout, maxCachedSessions: 0, allowH2: true })(options, callback);
    } catch (error) {
      callback(error as Error, null);
    }
  };

  #open(origin: string): Client {
    if (origin !== this.#origin) this.close();
    this.#origin = origin;
    this.#client ??= new Client(origin, {
      connect: this.#connect,
      allowH2: true,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
    });
    return this.#client;
  }
}

function isFailure(readings: ResourceReadings | At<Failure>): readings is At<Failure> {
  return 'what' in readings;
}

/** @throws PullFailed where there is none (RFC 9110 section 6.6.1), or the body was made into something else */
function dateOf(headers: Readonly<Record<string, string | string[] | undefined>>): number {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new PullFailed(
      'malformed',
      'it compressed its answer, which no kubelet does unasked: what stands in between?',
    );
  }
  const { date } = headers;
  const dateMs = typeof date === 'string' ? parseDate(date) : undefined;
  if (dateMs !== undefined) return dateMs;
  throw new PullFailed(
    'malformed',
    'its answer has no Date, without which nobody knows how old its samples are',
  );
}
