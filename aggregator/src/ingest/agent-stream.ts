import type { AgentMessage, AggregatorMessage, Directive, Hello } from '@tacho/proto';
import { type CheckedReport, checkReport } from '../snapshot/checked-report.ts';
import { AgentClock } from './agent-clock.ts';
import type { Refusals } from './refusals.ts';

/** What one agent's stream needs from the rest of the aggregator. */
export interface AgentStreamDeps {
  readonly send: (message: AggregatorMessage) => void;
  /** @param sampledAtMs wall clock */
  readonly accept: (node: string, report: CheckedReport, sampledAtMs: number) => void;
  /** What the agent says of itself. */
  readonly greeted: (agent: { readonly agentVersion: string; readonly cgroupMode: string }) => void;
  readonly refusals: Refusals;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

/** How often the way's length is measured anew. */
const echoEveryMs = 30_000;

/** What is said on one stream by an agent whose node is known; no socket here. */
export class AgentStream {
  readonly #node: string;
  readonly #deps: AgentStreamDeps;
  readonly #clock = new AgentClock();
  #echo: { readonly nonce: number; readonly sentMs: number } | undefined;
  #echoes = 0;
  #nextEchoMs = 0;
  #greeted = false;

  constructor(node: string, deps: AgentStreamDeps) {
    this.#node = node;
    this.#deps = deps;
  }

  /** Greets the agent: how often to report and to whom, and how long is the way. */
  open(directive: Directive): void {
    this.direct(directive);
    this.#sendEcho();
  }

  /** Tells the agent what has become different. */
  direct(directive: Directive): void {
    this.#deps.send({ directive });
  }

  receive(message: AgentMessage): void {
    if (message.report !== undefined && message.report !== null) this.#receiveReport(message.report);
    else if (message.echoReply !== undefined && message.echoReply !== null) {
      this.#receiveEcho(message.echoReply.nonce, message.echoReply.monotonicUsec);
    } else if (message.hello !== undefined && message.hello !== null) {
      this.#receiveHello(message.hello);
    } else this.#deps.refusals.add('message of an unknown kind', { node: this.#node });
  }

  #receiveHello({ nodeName, agentVersion, cgroupMode }: Hello): void {
    if (this.#greeted) {
      this.#deps.refusals.add('agent greets twice', { node: this.#node });
      return;
    }
    this.#greeted = true;
    if (nodeName !== this.#node) {
      this.#deps.refusals.add('agent greets with a name that is not its node', { node: this.#node });
    }
    // For a person who compares versions; a peer's own text is not let into the log at any length.
    this.#deps.greeted({ agentVersion: short(agentVersion), cgroupMode: short(cgroupMode) });
  }

  #receiveReport(report: NonNullable<AgentMessage['report']>): void {
    const checked = checkReport(report);
    if ('reason' in checked) {
      this.#deps.refusals.addReport(checked.reason, { node: this.#node });
      return;
    }
    for (const reason of checked.refused) this.#deps.refusals.add(reason, { node: this.#node });
    const nowMs = this.#deps.monotonicMs();
    this.#clock.observe(checked.report.sampleMonotonicUsec, nowMs);
    // Through the monotonic clock: when this machine's wall clock is set, ages stay right.
    const agoMs = nowMs - this.#clock.toLocalMs(checked.report.sampleMonotonicUsec);
    this.#deps.accept(this.#node, checked.report, this.#deps.wallMs() - agoMs);
    if (nowMs >= this.#nextEchoMs) this.#sendEcho();
  }

  #receiveEcho(nonce: number, monotonicUsec: number): void {
    const echo = this.#echo;
    if (
      echo === undefined ||
      nonce !== echo.nonce ||
      !Number.isSafeInteger(monotonicUsec) ||
      monotonicUsec < 0
    ) {
      this.#deps.refusals.add('echo that was not asked for', { node: this.#node });
      return;
    }
    this.#echo = undefined;
    const nowMs = this.#deps.monotonicMs();
    this.#clock.observe(monotonicUsec, nowMs);
    this.#clock.observeRoundTrip(nowMs - echo.sentMs, nowMs);
  }

  #sendEcho(): void {
    this.#echoes += 1;
    this.#echo = { nonce: this.#echoes, sentMs: this.#deps.monotonicMs() };
    this.#nextEchoMs = this.#echo.sentMs + echoEveryMs;
    this.#deps.send({ echo: { nonce: this.#echo.nonce } });
  }
}

const longestText = 64;

function short(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, longestText) : '';
}
