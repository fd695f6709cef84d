import { type AgentMessage, type AggregatorMessage, type Directive, MalformedMessage } from '@tacho/proto';
import type { EchoedClock } from './echoed-clock.ts';
import type { RefusalReason } from './refusal-reasons.ts';
import type { Refusals } from './refusals.ts';
import { readTrustedCas } from './trusted-cas.ts';

/** What a stream needs from the rest of the aggregator, be it an agent's or a puller's. */
export interface SenderStreamDeps {
  readonly send: (message: AggregatorMessage) => void;
  /** @throws where the bytes are no message */
  readonly decode: (message: Buffer) => AgentMessage;
  /** Asks for a turn: serve() is called when it comes. */
  readonly askForTurn: () => void;
  /** Whether more is to be received; at first it is. */
  readonly listen: (on: boolean) => void;
  /** Ends the stream. */
  readonly end: (why: string) => void;
  readonly refusals: Refusals;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

/** Of a message that carries no samples. */
const longestOther = 16_384;
/** A sound sender sends none. */
const mostMalformed = 3;

/** What agents and pullers say alike, beside what they report, and for how long malformed messages are borne. */
export class CommonMessages {
  readonly #deps: SenderStreamDeps;
  readonly #echoed: EchoedClock;
  readonly #refuse: (reason: RefusalReason) => void;
  #periodMs: number | undefined;
  #trustedCas: readonly string[] = [];
  #malformed = 0;

  constructor(deps: SenderStreamDeps, echoed: EchoedClock, refuse: (reason: RefusalReason) => void) {
    this.#deps = deps;
    this.#echoed = echoed;
    this.#refuse = refuse;
  }

  /** How often the sender was asked to report; undefined before. */
  get periodMs(): number | undefined {
    return this.#periodMs;
  }

  /** Greets the sender: how often to report and to whom, and how long is the way. */
  open(directive: Directive): void {
    this.direct(directive);
    this.sendEcho();
  }

  /** Tells the sender what has become different. */
  direct(directive: Directive): void {
    this.#periodMs = directive.periodUsec / 1000;
    this.#deps.send({ directive });
  }

  sendEcho(): void {
    this.#deps.send({ echo: { nonce: this.#echoed.send(this.#deps.monotonicMs()) } });
  }

  /** Whether the sender has said that it trusts this CA. @param sha256 of the certificate, hex */
  trusts(sha256: string): boolean {
    return this.#trustedCas.includes(sha256);
  }

  /** Calls what reads a message. One that is malformed is counted; with the third the stream ends. */
  sound(receive: () => void): void {
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

  /** A message of one kind that carries no samples. @throws MalformedMessage */
  decode(bytes: Buffer): AgentMessage {
    if (bytes.length > longestOther) throw new MalformedMessage('a message that is too long');
    let message: AgentMessage;
    try {
      message = this.#deps.decode(bytes);
    } catch {
      throw new MalformedMessage('bytes that are no message');
    }
    if (Object.keys(message).length > 1) throw new MalformedMessage('a message of two kinds');
    return message;
  }

  /** @returns whether the message was of a kind that both send */
  receive({ echoReply, trustedCas }: AgentMessage, arrivedMs: number): boolean {
    if (echoReply) this.#receiveEcho(echoReply.nonce, echoReply.monotonicUsec, arrivedMs);
    else if (trustedCas) this.receiveTrustedCas(trustedCas.sha256);
    else return false;
    return true;
  }

  receiveTrustedCas(sha256: unknown): void {
    const trusted = readTrustedCas(sha256);
    if (trusted === undefined) this.#refuse('trusted CAs in a form that was not agreed');
    this.#trustedCas = trusted ?? [];
  }

  #receiveEcho(nonce: number, monotonicUsec: number, arrivedMs: number): void {
    const taken = this.#echoed.reply(nonce, monotonicUsec, arrivedMs);
    if (taken === undefined) this.#refuse('echo that was not asked for');
    else if (taken.hasJumped) this.#refuse('clock of an agent that has jumped');
    if (taken?.askAgain) this.sendEcho();
  }
}

const longestText = 64;

/** What a sender says of itself, for a person: a peer's own text is not let into the log at any length. */
export function short(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, longestText) : '';
}
