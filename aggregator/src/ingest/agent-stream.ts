import { type Directive, type Hello, MalformedMessage } from '@tacho/proto';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { noNames, type ReportNames } from '../snapshot/report-names.ts';
import { isReport, readReport } from '../snapshot/report-reader.ts';
import { CommonMessages, type SenderStreamDeps, short } from './common-messages.ts';
import type { RefusalReason } from './refusal-reasons.ts';
import type { ReportPace } from './report-pace.ts';
import { StreamTime, type TimeFacts } from './stream-time.ts';

/** What one agent's stream needs from the rest of the aggregator. */
export interface AgentStreamDeps extends SenderStreamDeps {
  /** @param sampledAtMs wall clock */
  readonly accept: (node: string, report: CheckedReport, sampledAtMs: number) => void;
  /** What the agent says of itself. */
  readonly greeted: (greeting: Greeting) => void;
  /** Of the node, whichever stream it comes by. */
  readonly pace: ReportPace;
}

/** What an agent says of itself. */
export interface Greeting {
  readonly agentVersion: string;
  readonly cgroupMode: string;
}

/** What is known of a stream. */
export interface StreamFacts extends TimeFacts {
  readonly greeting: Greeting | undefined;
}

/** An agent says one thing in a period. One that says more in a turn is not heard until its turn comes. */
const mostPerTurn = 16;

/**
 * What is said on one stream by an agent whose node is known; no socket here. Of reports only the newest is kept, as
 * bytes, until the stream's turn comes.
 */
export class AgentStream {
  readonly #node: string;
  readonly #deps: AgentStreamDeps;
  readonly #time = new StreamTime();
  readonly #common: CommonMessages;
  #greeting: Greeting | undefined;
  #newest: { readonly message: Buffer; readonly arrivedMs: number } | undefined;
  #names: ReportNames = noNames;
  #heard = 0;

  constructor(node: string, deps: AgentStreamDeps) {
    this.#node = node;
    this.#deps = deps;
    this.#common = new CommonMessages(deps, this.#time.echoed, (reason) => this.#refuse(reason));
  }

  /** Greets the agent: how often to report and to whom, and how long is the way. */
  open(directive: Directive): void {
    this.#common.open(directive);
  }

  /** Tells the agent what has become different. */
  direct(directive: Directive): void {
    this.#common.direct(directive);
  }

  /** Whether the agent has said that it trusts this CA. @param sha256 of the certificate, hex */
  trusts(sha256: string): boolean {
    return this.#common.trusts(sha256);
  }

  facts(): StreamFacts {
    return { greeting: this.#greeting, ...this.#time.facts() };
  }

  receive(message: Buffer): void {
    if (isReport(message)) {
      if (this.#newest !== undefined) this.#refuse('report overtaken by a newer one');
      this.#newest = { message, arrivedMs: this.#deps.monotonicMs() };
    } else this.#common.sound(() => this.#receiveOther(message));
    this.#heard += 1;
    if (this.#heard === mostPerTurn) this.#deps.listen(false);
    this.#deps.askForTurn();
  }

  /** The stream's turn has come. */
  serve(): void {
    const newest = this.#newest;
    this.#newest = undefined;
    if (newest !== undefined) this.#common.sound(() => this.#receiveReport(newest.message, newest.arrivedMs));
    if (this.#heard >= mostPerTurn) this.#deps.listen(true);
    this.#heard = 0;
  }

  #refuse(reason: RefusalReason): void {
    this.#deps.refusals.add(reason, { node: this.#node });
  }

  #receiveOther(bytes: Buffer): void {
    const message = this.#common.decode(bytes);
    // A report would have been known by its first byte.
    if (message.report) throw new MalformedMessage('a message of two kinds');
    if (this.#common.receive(message, this.#deps.monotonicMs())) return;
    if (message.hello) this.#receiveHello(message.hello);
    else if (message.pullerHello || message.pulledNode) this.#refuse('agent says what only pullers say');
    else this.#refuse('message of an unknown kind');
  }

  #receiveHello({ nodeName, agentVersion, cgroupMode, trustedCaSha256 = [] }: Hello): void {
    if (this.#greeting !== undefined) {
      this.#refuse('agent greets twice');
      return;
    }
    if (nodeName !== this.#node) {
      this.#refuse('agent greets with a name that is not its node');
    }
    this.#greeting = { agentVersion: short(agentVersion), cgroupMode: short(cgroupMode) };
    this.#deps.greeted(this.#greeting);
    this.#common.receiveTrustedCas(trustedCaSha256);
  }

  #receiveReport(message: Buffer, arrivedMs: number): void {
    const nowMs = this.#deps.monotonicMs();
    const { periodMs } = this.#common;
    const isEarly = periodMs !== undefined && !this.#deps.pace.take(nowMs, periodMs);
    // The first of a stream is what it takes over with.
    if (isEarly && this.#time.hasBegun) {
      this.#refuseReport('report earlier than agreed');
      return;
    }
    const checked = readReport(message, this.#names);
    if ('reason' in checked) {
      this.#refuseReport(checked.reason);
      return;
    }
    this.#names = checked.names;
    for (const reason of checked.refused) this.#refuse(reason);
    const placed = this.#time.place(checked.report.sampleMonotonicUsec, arrivedMs);
    if (placed === undefined) {
      this.#refuseReport('report of an instant that was reported before');
      return;
    }
    if (placed.hasJumped) this.#refuse('clock of an agent that has jumped');
    // Through the monotonic clock: when this machine's wall clock is set, ages stay right.
    const ageMs = nowMs - placed.sampledMs;
    this.#deps.accept(this.#node, checked.report, this.#deps.wallMs() - ageMs);
    if (this.#time.echoed.isDue(ageMs, nowMs)) this.#common.sendEcho();
  }

  #refuseReport(reason: RefusalReason): void {
    this.#deps.refusals.addReport(reason, { node: this.#node });
  }
}
