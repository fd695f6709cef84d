import {
  type AgentMessage,
  type AggregatorMessage,
  type Directive,
  type Hello,
  MalformedMessage,
} from '@tacho/proto';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { noNames, type ReportNames } from '../snapshot/report-names.ts';
import { isReport, readReport } from '../snapshot/report-reader.ts';
import type { RefusalReason } from './refusal-reasons.ts';
import type { Refusals } from './refusals.ts';
import type { ReportPace } from './report-pace.ts';
import { StreamTime, type TimeFacts } from './stream-time.ts';
import { readTrustedCas } from './trusted-cas.ts';

/** What one agent's stream needs from the rest of the aggregator. */
export interface AgentStreamDeps {
  readonly send: (message: AggregatorMessage) => void;
  /** @throws where the bytes are no message */
  readonly decode: (message: Buffer) => AgentMessage;
  /** Asks for a turn: serve() is called when it comes. */
  readonly askForTurn: () => void;
  /** Whether more is to be received; at first it is. */
  readonly listen: (on: boolean) => void;
  /** Ends the stream. */
  readonly end: (why: string) => void;
  /** @param sampledAtMs wall clock */
  readonly accept: (node: string, report: CheckedReport, sampledAtMs: number) => void;
  /** What the agent says of itself. */
  readonly greeted: (greeting: Greeting) => void;
  /** Of the node, whichever stream it comes by. */
  readonly pace: ReportPace;
  readonly refusals: Refusals;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
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
/** Of a message that is no report. */
const longestOther = 16_384;
/** A sound agent sends none. */
const mostMalformed = 3;

/**
 * What is said on one stream by an agent whose node is known; no socket here. Of reports only the newest is kept, as
 * bytes, until the stream's turn comes.
 */
export class AgentStream {
  readonly #node: string;
  readonly #deps: AgentStreamDeps;
  readonly #time = new StreamTime();
  #periodMs: number | undefined;
  #greeting: Greeting | undefined;
  #trustedCas: readonly string[] = [];
  #newest: { readonly message: Buffer; readonly arrivedMs: number } | undefined;
  #names: ReportNames = noNames;
  #heard = 0;
  #malformed = 0;

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
    this.#periodMs = directive.periodUsec / 1000;
    this.#deps.send({ directive });
  }

  /** Whether the agent has said that it trusts this CA. @param sha256 of the certificate, hex */
  trusts(sha256: string): boolean {
    return this.#trustedCas.includes(sha256);
  }

  facts(): StreamFacts {
    return { greeting: this.#greeting, ...this.#time.facts() };
  }

  receive(message: Buffer): void {
    if (isReport(message)) {
      if (this.#newest !== undefined) this.#refuse('report overtaken by a newer one');
      this.#newest = { message, arrivedMs: this.#deps.monotonicMs() };
    } else this.#sound(() => this.#receiveOther(message));
    this.#heard += 1;
    if (this.#heard === mostPerTurn) this.#deps.listen(false);
    this.#deps.askForTurn();
  }

  /** The stream's turn has come. */
  serve(): void {
    const newest = this.#newest;
    this.#newest = undefined;
    if (newest !== undefined) this.#sound(() => this.#receiveReport(newest.message, newest.arrivedMs));
    if (this.#heard >= mostPerTurn) this.#deps.listen(true);
    this.#heard = 0;
  }

  #sound(receive: () => void): void {
    try {
      receive();
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#refuse('message that is malformed');
      this.#malformed += 1;
      if (this.#malformed === mostMalformed)
        this.#deps.end(`more than ${mostMalformed - 1} malformed messages`);
    }
  }

  #refuse(reason: RefusalReason): void {
    this.#deps.refusals.add(reason, { node: this.#node });
  }

  #receiveOther(bytes: Buffer): void {
    const message = this.#decode(bytes);
    if (message.echoReply) this.#receiveEcho(message.echoReply.nonce, message.echoReply.monotonicUsec);
    else if (message.hello) this.#receiveHello(message.hello);
    else if (message.trustedCas) this.#receiveTrustedCas(message.trustedCas.sha256);
    else if (message.pullerHello || message.pulledNode) this.#refuse('agent says what only pullers say');
    else this.#refuse('message of an unknown kind');
  }

  #decode(bytes: Buffer): AgentMessage {
    if (bytes.length > longestOther) throw new MalformedMessage('a message that is too long');
    let message: AgentMessage;
    try {
      message = this.#deps.decode(bytes);
    } catch {
      throw new MalformedMessage('bytes that are no message');
    }
    if (message.report || Object.keys(message).length > 1)
      throw new MalformedMessage('a message of two kinds');
    return message;
  }

  #receiveHello({ nodeName, agentVersion, cgroupMode, trustedCaSha256 = [] }: Hello): void {
    if (this.#greeting !== undefined) {
      this.#refuse('agent greets twice');
      return;
    }
    if (nodeName !== this.#node) {
      this.#refuse('agent greets with a name that is not its node');
    }
    // For a person who compares versions; a peer's own text is not let into the log at any length.
    this.#greeting = { agentVersion: short(agentVersion), cgroupMode: short(cgroupMode) };
    this.#deps.greeted(this.#greeting);
    this.#receiveTrustedCas(trustedCaSha256);
  }

  #receiveTrustedCas(sha256: unknown): void {
    const trusted = readTrustedCas(sha256);
    if (trusted === undefined) {
      this.#refuse('trusted CAs in a form that was not agreed');
    }
    this.#trustedCas = trusted ?? [];
  }

  #receiveReport(message: Buffer, arrivedMs: number): void {
    const nowMs = this.#deps.monotonicMs();
    const isEarly = this.#periodMs !== undefined && !this.#deps.pace.take(nowMs, this.#periodMs);
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
    if (this.#time.isEchoDue(ageMs, nowMs)) this.#sendEcho();
  }

  #receiveEcho(nonce: number, monotonicUsec: number): void {
    const taken = this.#time.reply(nonce, monotonicUsec, this.#deps.monotonicMs());
    if (taken === undefined) this.#refuse('echo that was not asked for');
    else if (taken.hasJumped) this.#refuse('clock of an agent that has jumped');
    if (taken?.askAgain) this.#sendEcho();
  }

  #sendEcho(): void {
    this.#deps.send({ echo: { nonce: this.#time.echo(this.#deps.monotonicMs()) } });
  }

  #refuseReport(reason: RefusalReason): void {
    this.#deps.refusals.addReport(reason, { node: this.#node });
  }
}

const longestText = 64;

function short(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, longestText) : '';
}
