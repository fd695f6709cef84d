import { status } from '@grpc/grpc-js';
import { type Directive, ingestService, type NodeToPull } from '@tacho/proto';
import type { Logger } from 'pino';
import type { AgentCredential } from './agent-identity.ts';
import type { CallIo, OpenCall } from './open-call.ts';
import { PullerStream, type PullerTry } from './puller-stream.ts';
import type { Refusals } from './refusals.ts';
import type { TrustingStream } from './trusted-cas.ts';
import type { Served } from './turns.ts';

/** A puller that is connected. */
export interface PullerConnection {
  /** Of its pod. */
  readonly name: string;
  /** Its address. */
  readonly peer: string;
  /** By this process's monotonic clock. */
  readonly sinceMs: number;
  readonly talk: PullerStream;
}

interface LivePuller extends PullerConnection, Served {
  readonly end: CallIo['end'];
}

/** What the calls of pullers need. */
export interface PullerStreamsDeps {
  readonly log: Logger;
  readonly refusals: Refusals;
  /** What every puller is told now. */
  readonly directive: () => Directive;
  /** Who of these pullers is to pull what; undefined while nobody knows. */
  readonly share: (pullers: readonly string[]) => ReadonlyMap<string, readonly NodeToPull[]> | undefined;
  readonly accept: (puller: string, tried: PullerTry) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

const { requestDeserialize: decode } = ingestService().Push;
const none: readonly NodeToPull[] = [];

/** The calls of pullers, and what each is asked to pull. */
export class PullerStreams {
  readonly #deps: PullerStreamsDeps;
  readonly #streams = new Map<string, LivePuller>();
  /** Whose stream has ended, and when: most come back at once, with another token or to a replica that was away. */
  readonly #left = new Map<string, number>();

  constructor(deps: PullerStreamsDeps) {
    this.#deps = deps;
  }

  /** Every puller that is connected. */
  all(): readonly PullerConnection[] {
    return [...this.#streams.values()];
  }

  /** The same, as somebody whose trust is asked for. */
  trusting(): readonly TrustingStream[] {
    return this.all().map(({ name, talk }) => ({ node: `puller ${name}`, talk }));
  }

  /** Tells all of them what holds from now on. */
  direct(directive: Directive): void {
    for (const { talk } of this.all()) talk.direct(directive);
  }

  /**
   * Asks each for its share of the nodes; call it every second, and when there are others. The share of a puller that is
   * gone stays with it for a period; that of a silent one moves at once, within two.
   */
  look(): void {
    const nowMs = this.#deps.monotonicMs();
    const periodMs = this.#deps.directive().periodUsec / 1000;
    for (const [name, leftMs] of this.#left) if (nowMs - leftMs >= periodMs) this.#left.delete(name);
    const heard = this.all().filter(({ talk }) => talk.look());
    const shares = this.#deps.share([...heard.map(({ name }) => name), ...this.#left.keys()].sort());
    // What it was asked for by another replica, or by this one before a restart, it must not let go of for that.
    if (shares === undefined) return;
    for (const { name, talk } of this.all()) talk.ask(shares.get(name) ?? none);
  }

  /** Ends all of them. */
  end(code: status, details: string): void {
    for (const { end } of [...this.#streams.values()]) end(code, details);
  }

  open({ podName: name }: AgentCredential, io: CallIo): OpenCall {
    const { peer } = io;
    const stream: LivePuller = {
      ...{ name, peer, sinceMs: this.#deps.monotonicMs(), end: io.end },
      serve: () => {
        if (this.#streams.get(name) === stream) stream.talk.serve();
      },
      talk: new PullerStream(name, {
        ...this.#deps,
        ...{ decode, send: io.send, listen: io.listen },
        askForTurn: () => io.askForTurn(stream),
        end: (why) => io.end(status.INVALID_ARGUMENT, why),
        greeted: (version) => this.#deps.log.info({ puller: name, peer, version }, 'puller connected'),
        accept: (tried) => this.#deps.accept(name, tried),
      }),
    };
    const before = this.#streams.get(name);
    this.#streams.set(name, stream);
    before?.end(status.ABORTED, 'a newer stream of the same puller has taken over');
    this.#left.delete(name);
    return {
      open: () => {
        stream.talk.open(this.#deps.directive());
        this.look();
      },
      receive: (message) => {
        if (this.#streams.get(name) === stream) stream.talk.receive(message);
      },
      left: () => {
        if (this.#streams.get(name) !== stream) return;
        this.#streams.delete(name);
        this.#left.set(name, this.#deps.monotonicMs());
      },
    };
  }
}
