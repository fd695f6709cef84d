import type { Logger } from 'pino';
import type { ApiRequest, ApiResponse } from '../api/protocol/api-message.ts';
import { respondStatus } from '../api/protocol/status.ts';
import { type GateDeps, type Incoming, refuse } from '../identity/gate.ts';
import { deadlinePassed, requestDeadlineMs } from './deadline.ts';
import { type NodeListing, respondDebugNodes } from './debug-nodes.ts';
import { type Health, healthPaths, respondHealth } from './health.ts';
import { overloaded } from './overload.ts';
import type { RequestKind } from './request-kind.ts';
import {
  checkHost,
  checkPipelined,
  checkUrl,
  type LimitReason,
  type ServerLimits,
} from './request-limits.ts';

/** The aggregator's own metrics as a page. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What answering needs. */
export interface AnsweringDeps {
  readonly log: Logger;
  readonly gate: GateDeps;
  readonly api: (request: ApiRequest) => ApiResponse;
  readonly health: Health;
  readonly metrics: MetricsPage;
  readonly nodes: NodeListing;
  /** Told of each limit that a request ran into. */
  readonly limited: (reason: LimitReason) => void;
}

/** A request as it stands among the others. */
export interface Arrival extends Incoming {
  readonly kind: RequestKind;
  readonly httpVersion: string;
  /** How many there are already, where one more is too many. */
  readonly crowd: number | undefined;
  /** How many are being answered before it on its connection. */
  readonly pipelined: number;
}

class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

const uncached = { 'Cache-Control': 'no-cache, private' };

/** What is answered to a request: by the limits, the gate, one of the pages around the API, or the API. */
export class Answering {
  readonly #deps: AnsweringDeps;
  readonly #limits: ServerLimits;

  constructor(deps: AnsweringDeps, limits: ServerLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  /**
   * @param abort is aborted by the caller when the client has gone, and here when the deadline has passed
   * @returns undefined when the client has gone
   */
  async answer(
    request: ApiRequest,
    arrival: Arrival,
    abort: AbortController,
  ): Promise<ApiResponse | undefined> {
    const deadlineMs = requestDeadlineMs(request.query, this.#limits.deadlineMs);
    const deadline = arrival.kind.longRunning
      ? undefined
      : setTimeout(() => abort.abort(new DeadlinePassed()), deadlineMs);
    try {
      return await this.#answer(request, arrival, abort.signal);
    } catch (error) {
      if (abort.signal.reason instanceof DeadlinePassed) {
        this.#deps.limited('deadline');
        return deadlinePassed();
      }
      return abort.signal.aborted ? undefined : this.#fail(request, error);
    } finally {
      clearTimeout(deadline);
    }
  }

  async #answer(request: ApiRequest, arrival: Arrival, signal: AbortSignal): Promise<ApiResponse> {
    const { api, gate, health, limited, nodes } = this.#deps;
    const overrun =
      checkHost(request.header('host'), arrival.httpVersion) ??
      checkUrl(arrival.requestUri, this.#limits) ??
      checkPipelined(arrival.pipelined, this.#limits);
    if (overrun !== undefined) {
      limited(overrun.reason);
      return respondStatus(overrun.status, request);
    }
    // A kubelet that is turned away would kill a container that is merely busy.
    const isTurnedAway = arrival.crowd !== undefined && !healthPaths.includes(arrival.kind.subresource);
    const refusal = await refuse(
      request,
      arrival,
      isTurnedAway ? overloaded(gate, arrival.crowd) : gate,
      signal,
    );
    if (refusal?.status === 429) limited('in-flight');
    if (refusal !== undefined) return refusal;
    if (request.path === '/metrics') return this.#metrics();
    return respondHealth(request, health) ?? respondDebugNodes(request, nodes) ?? api(request);
  }

  async #metrics(): Promise<ApiResponse> {
    const { metrics } = this.#deps;
    const headers = { ...uncached, 'Content-Type': metrics.contentType };
    return { status: 200, headers, body: await metrics.text() };
  }

  #fail(request: ApiRequest, error: unknown): ApiResponse {
    const reason = error instanceof Error ? error.message : String(error);
    this.#deps.log.error({ path: request.path, reason }, 'cannot answer a request');
    // What the caller has sent is repeated: no browser shall take it for a page.
    const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
    return { status: 500, headers, body: `Internal Server Error: "${request.path}"` };
  }
}
