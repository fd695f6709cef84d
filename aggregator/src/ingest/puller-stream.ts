import type { Directive, NodeToPull, PullerHello } from '@tacho/proto';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { isPulledNode, readPulledNode, type ToldProblem } from '../snapshot/pulled-node-reader.ts';
import { AskedNodes } from './asked-nodes.ts';
import { CommonMessages, type SenderStreamDeps, short } from './common-messages.ts';
import { PullerTime } from './puller-time.ts';
import type { RefusalReason } from './refusal-reasons.ts';

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
export interface PullerStreamDeps extends SenderStreamDeps {
  readonly accept: (tried: PullerTry) => void;
  readonly greeted: (version: string) => void;
}

/** What waits for its turn; beyond that the puller waits. */
const mostWaiting = 16;
/** So long a puller may be silent: a lost packet is sent again by then. In periods, and at the least. */
const mostSilentPeriods = 1.5;
const leastSilentMs = 3_000;

/** What is said on one stream by a puller; no socket here. Messages keep their order and are read one in a turn. */
export class PullerStream {
  readonly #name: string;
  readonly #deps: PullerStreamDeps;
  readonly #time = new PullerTime();
  readonly #common: CommonMessages;
  readonly #asked = new AskedNodes();
  readonly #waiting: { readonly message: Buffer; readonly arrivedMs: number }[] = [];
  #told: readonly NodeToPull[] | undefined;
  #version: string | undefined;
  #heardMs: number;

  /** @param name of the puller's pod */
  constructor(name: string, deps: PullerStreamDeps) {
    this.#name = name;
    this.#deps = deps;
    this.#common = new CommonMessages(deps, this.#time.echoed, (reason) => this.#refuse(reason));
    this.#heardMs = deps.monotonicMs();
  }

  /** Greets the puller. */
  open(directive: Directive): void {
    this.#common.open(directive);
  }

  /** Tells the puller what has become different. */
  direct(directive: Directive): void {
    this.#common.direct(directive);
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
    const { periodMs = 0 } = this.#common;
    if (this.#time.isEchoDue(silentMs >= periodMs / 2, nowMs)) this.#common.sendEcho();
    return silentMs < Math.max(leastSilentMs, mostSilentPeriods * periodMs);
  }

  /** Whether the puller has said that it trusts this CA. @param sha256 of the certificate, hex */
  trusts(sha256: string): boolean {
    return this.#common.trusts(sha256);
  }

  /** What is known of it. */
  facts() {
    return { version: this.#version, nodes: this.#told?.length ?? 0, ...this.#time.echoed.facts() };
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
    const { arrivedMs, message } = next;
    this.#common.sound(() => {
      if (isPulledNode(message)) this.#receiveNode(message, arrivedMs);
      else this.#receiveOther(message, arrivedMs);
    });
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
    // A report of which nothing counts is no try without news: what is held is not served on for it.
    if (read !== undefined && report === undefined && problem === undefined) return;
    const ageMs = report === undefined ? 0 : nowMs - this.#time.place(report.sampleMonotonicUsec, arrivedMs);
    this.#deps.accept({ node, report, problem, sampledAtMs: this.#deps.wallMs() - ageMs });
  }

  #receiveOther(bytes: Buffer, arrivedMs: number): void {
    const message = this.#common.decode(bytes);
    if (this.#common.receive(message, arrivedMs)) return;
    if (message.pullerHello) this.#receiveHello(message.pullerHello);
    else if (message.hello || message.report) this.#refuse('puller says what only agents say');
    else this.#refuse('message of an unknown kind');
  }

  #receiveHello({ pullerName, pullerVersion, trustedCaSha256 = [] }: PullerHello): void {
    if (this.#version !== undefined) {
      this.#refuse('puller greets twice');
      return;
    }
    if (pullerName !== this.#name) this.#refuse('puller greets with a name that is not its pod');
    this.#version = short(pullerVersion);
    this.#deps.greeted(this.#version);
    this.#common.receiveTrustedCas(trustedCaSha256);
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
