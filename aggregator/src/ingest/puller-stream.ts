import {
  type AgentMessage,
  type AggregatorMessage,
  type Directive,
  MalformedMessage,
  type NodeToPull,
  type PullerHello,
} from '@tacho/proto';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { isPulledNode, readPulledNode, type ToldProblem } from '../snapshot/pulled-node-reader.ts';
import { AskedNodes } from './asked-nodes.ts';
import { PullerTime } from './puller-time.ts';
import type { RefusalReason } from './refusal-reasons.ts';
import type { Refusals } from './refusals.ts';
import { readTrustedCas } from './trusted-cas.ts';

/** What came of one try of a puller to read a node. */
export interface PullerTry {
  readonly node: string;
  /** Undefined where it has brought nothing new. */
  readonly report: CheckedReport | undefined;
  /** By the wall clock; of no meaning without a report. */
  readonly sampledAtMs: number;
  readonly problem: ToldProblem | undefined;
}

/** What one puller's stream needs from the rest of the aggregator. */
export interface PullerStreamDeps {
  readonly send: (message: AggregatorMessage) => void;
  /** @throws where the bytes are no message */
  readonly decode: (message: Buffer) => AgentMessage;
  /** Asks for a turn: serve() is called when it comes. */
  readonly askForTurn: () => void;
  /** Whether more is to be received; at first it is. */
  readonly listen: (on: boolean) => void;
  /** Ends the stream. */
  readonly end: (why: string) => void;
  readonly accept: (tried: PullerTry) => void;
  readonly greeted: (version: string) => void;
  readonly refusals: Refusals;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

/** What waits for its turn; beyond that the puller waits. */
const mostWaiting = 16;
/** Of a message that is no pulled node. */
const longestOther = 16_384;
/** A sound puller sends none. */
const mostMalformed = 3;
const longestVersion = 64;
/** So long a puller may be silent: a lost packet is sent again by then. In periods, and at the least. */
const mostSilentPeriods = 1.5;
const leastSilentMs = 3_000;

/** What is said on one stream by a puller; no socket here. Messages keep their order and are read one in a turn. */
export class PullerStream {
  readonly #name: string;
  readonly #deps: PullerStreamDeps;
  readonly #time = new PullerTime();
  readonly #asked = new AskedNodes();
  readonly #waiting: { readonly message: Buffer; readonly arrivedMs: number }[] = [];
  #told: readonly NodeToPull[] | undefined;
  #periodMs = 0;
  #version: string | undefined;
  #trustedCas: readonly string[] = [];
  #heardMs: number;
  #malformed = 0;

  /** @param name of the puller's pod */
  constructor(name: string, deps: PullerStreamDeps) {
    this.#name = name;
    this.#deps = deps;
    this.#heardMs = deps.monotonicMs();
  }

  /** Greets the puller. */
  open(directive: Directive): void {
    this.direct(directive);
    this.#sendEcho();
  }

  /** Tells the puller what has become different. */
  direct(directive: Directive): void {
    this.#periodMs = directive.periodUsec / 1000;
    this.#deps.send({ directive });
  }

  /** Tells the puller which nodes it is to pull, unless it knows. */
  ask(nodes: readonly NodeToPull[]): void {
    const told = this.#told;
    if (told?.length === nodes.length && nodes.every((node, index) => node === told[index])) return;
    this.#told = nodes;
    this.#asked.set(nodes, this.#deps.monotonicMs());
    this.#deps.send({ nodesToPull: { nodes: [...nodes] } });
  }

  /** Looks whether the puller is there; call it every second. @returns whether it was heard lately */
  look(): boolean {
    const nowMs = this.#deps.monotonicMs();
    const silentMs = nowMs - this.#heardMs;
    if (this.#time.isEchoDue(silentMs >= this.#periodMs / 2, nowMs)) this.#sendEcho();
    return silentMs < Math.max(leastSilentMs, mostSilentPeriods * this.#periodMs);
  }

  /** Whether the puller has said that it trusts this CA. @param sha256 of the certificate, hex */
  trusts(sha256: string): boolean {
    return this.#trustedCas.includes(sha256);
  }

  /** What is known of it. */
  facts() {
    return { version: this.#version, nodes: this.#told?.length ?? 0, ...this.#time.facts() };
  }

  receive(message: Buffer): void {
    this.#heardMs = this.#deps.monotonicMs();
    this.#waiting.push({ message, arrivedMs: this.#heardMs });
    if (this.#waiting.length === mostWaiting) this.#deps.listen(false);
    this.#deps.askForTurn();
  }

  /** The stream's turn has come. */
  serve(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    try {
      if (isPulledNode(next.message)) this.#receiveNode(next.message, next.arrivedMs);
      else this.#receiveOther(next.message, next.arrivedMs);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#refuse('message that is malformed');
      this.#malformed += 1;
      if (this.#malformed === mostMalformed)
        this.#deps.end(`more than ${mostMalformed - 1} malformed messages`);
    }
    if (this.#waiting.length === mostWaiting - 1) this.#deps.listen(true);
    if (this.#waiting.length > 0) this.#deps.askForTurn();
  }

  #receiveNode(message: Buffer, arrivedMs: number): void {
    const { node, read, problem } = readPulledNode(message, (name) => this.#asked.namesOf(name));
    const nowMs = this.#deps.monotonicMs();
    const refusal = this.#asked.refusalOf(node, nowMs);
    if (refusal !== undefined) {
      if (read === undefined) this.#refuse(refusal, node);
      else this.#refuseReport(refusal, node);
      return;
    }
    let report: CheckedReport | undefined;
    if (read !== undefined) {
      if ('reason' in read) this.#refuseReport(read.reason, node);
      else {
        for (const reason of read.refused) this.#refuse(reason, node);
        const why = this.#time.isKnown
          ? this.#asked.follow(node, read.names, read.report.sampleMonotonicUsec)
          : 'pulled report before the clock of its puller is known';
        if (why === undefined) report = read.report;
        else this.#refuseReport(why, node);
      }
    }
    const ageMs = report === undefined ? 0 : nowMs - this.#time.place(report.sampleMonotonicUsec, arrivedMs);
    this.#deps.accept({ node, report, problem, sampledAtMs: this.#deps.wallMs() - ageMs });
  }

  #receiveOther(bytes: Buffer, arrivedMs: number): void {
    if (bytes.length > longestOther) throw new MalformedMessage('a message that is too long');
    let message: AgentMessage;
    try {
      message = this.#deps.decode(bytes);
    } catch {
      throw new MalformedMessage('bytes that are no message');
    }
    if (Object.keys(message).length > 1) throw new MalformedMessage('a message of two kinds');
    const { echoReply, pullerHello, trustedCas } = message;
    if (echoReply) this.#receiveEcho(echoReply.nonce, echoReply.monotonicUsec, arrivedMs);
    else if (pullerHello) this.#receiveHello(pullerHello);
    else if (trustedCas) this.#receiveTrustedCas(trustedCas.sha256);
    else if (message.hello || message.report) this.#refuse('puller says what only agents say');
    else this.#refuse('message of an unknown kind');
  }

  #receiveHello({ pullerName, pullerVersion, trustedCaSha256 = [] }: PullerHello): void {
    if (this.#version !== undefined) {
      this.#refuse('puller greets twice');
      return;
    }
    if (pullerName !== this.#name) this.#refuse('puller greets with a name that is not its pod');
    // For a person; a peer's own text is not let into the log at any length.
    this.#version = typeof pullerVersion === 'string' ? pullerVersion.slice(0, longestVersion) : '';
    this.#deps.greeted(this.#version);
    this.#receiveTrustedCas(trustedCaSha256);
  }

  #receiveTrustedCas(sha256: unknown): void {
    const trusted = readTrustedCas(sha256);
    if (trusted === undefined) this.#refuse('trusted CAs in a form that was not agreed');
    this.#trustedCas = trusted ?? [];
  }

  #receiveEcho(nonce: number, monotonicUsec: number, arrivedMs: number): void {
    const taken = this.#time.reply(nonce, monotonicUsec, arrivedMs);
    if (taken === undefined) this.#refuse('echo that was not asked for');
    else if (taken.hasJumped) this.#refuse('clock of an agent that has jumped');
    if (taken?.askAgain) this.#sendEcho();
  }

  #sendEcho(): void {
    this.#deps.send({ echo: { nonce: this.#time.echo(this.#deps.monotonicMs()) } });
  }

  #refuse(reason: RefusalReason, node?: string): void {
    this.#deps.refusals.add(reason, this.#about(node));
  }

  #refuseReport(reason: RefusalReason, node: string): void {
    this.#deps.refusals.addReport(reason, this.#about(node));
  }

  #about(node: string | undefined) {
    // Of a name that nobody knows nothing is kept.
    const isKnown = node !== undefined && this.#asked.has(node);
    return { puller: this.#name, ...(isKnown && { node }) };
  }
}
