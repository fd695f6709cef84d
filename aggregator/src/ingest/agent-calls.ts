import { status } from '@grpc/grpc-js';
import { type Directive, ingestService } from '@tacho/proto';
import type { Logger } from 'pino';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import type { AgentCredential } from './agent-identity.ts';
import { AgentStream } from './agent-stream.ts';
import { type EndedStream, NodeRecords } from './node-records.ts';
import { type NodeStream, NodeStreams } from './node-streams.ts';
import type { CallIo, OpenCall } from './open-call.ts';
import type { Refusals } from './refusals.ts';
import type { Served } from './turns.ts';

/** An agent that is connected. */
export interface Connection extends NodeStream {
  /** Its address. */
  readonly peer: string;
  /** By this process's monotonic clock. */
  readonly sinceMs: number;
  readonly talk: AgentStream;
}

/** A call whose agent is known. */
interface LiveStream extends Connection, Served {
  readonly end: CallIo['end'];
}

/** What the calls of agents need. */
export interface AgentCallsDeps {
  readonly log: Logger;
  readonly refusals: Refusals;
  /** What every agent is told now. */
  readonly directive: () => Directive;
  /** Whether the first of two agents' pods, by UID, must give way to the second. */
  readonly isOutdatedBy: (podUid: string | undefined, otherUid: string | undefined) => boolean;
  readonly accept: (node: string, report: CheckedReport, sampledAtMs: number) => void;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

const { requestDeserialize: decode } = ingestService().Push;

/** The calls of agents, and which of them is heard for its node. */
export class AgentCalls {
  readonly #deps: AgentCallsDeps;
  readonly #streams: NodeStreams<LiveStream>;
  readonly #records = new NodeRecords();

  constructor(deps: AgentCallsDeps) {
    this.#deps = deps;
    this.#streams = new NodeStreams(deps.isOutdatedBy);
  }

  /** Every agent that is connected. */
  all(): readonly Connection[] {
    return this.#streams.all();
  }

  /** What was known of a node's last stream when it ended. */
  endedStream(node: string): EndedStream | undefined {
    return this.#records.lastOf(node);
  }

  /** Forgets what is kept of nodes that are not known any more. */
  forgetNodes(isKnown: (node: string) => boolean): void {
    this.#records.forgetNodes(isKnown);
  }

  /** Tells all of them what holds from now on. */
  direct(directive: Directive): void {
    for (const { talk } of this.#streams.all()) talk.direct(directive);
  }

  /** Ends all of them. */
  end(code: status, details: string): void {
    for (const { end } of this.#streams.clear()) end(code, details);
  }

  /** @returns undefined where it was ended at once: it must give way */
  open({ node, podUid }: AgentCredential, io: CallIo): OpenCall | undefined {
    const { peer } = io;
    const stream: LiveStream = {
      ...{ node, podUid, peer, sinceMs: this.#deps.monotonicMs(), end: io.end },
      serve: () => {
        if (this.#streams.has(stream)) stream.talk.serve();
      },
      talk: new AgentStream(node, {
        ...this.#deps,
        ...{ decode, send: io.send, listen: io.listen, pace: this.#records.paceOf(node) },
        askForTurn: () => io.askForTurn(stream),
        end: (why) => io.end(status.INVALID_ARGUMENT, why),
        greeted: (agent) => this.#deps.log.info({ node, peer, ...agent }, 'agent connected'),
        accept: (...report) => {
          const { heard, end: superseded } = this.#streams.report(stream);
          this.#supersede(superseded);
          if (heard) this.#deps.accept(...report);
        },
      }),
    };
    const superseded = this.#streams.come(stream);
    this.#supersede(superseded);
    if (superseded === stream) return undefined;
    return {
      open: () => stream.talk.open(this.#deps.directive()),
      receive: (message) => {
        // Otherwise another stream has taken over, and this one is only being ended.
        if (this.#streams.has(stream)) stream.talk.receive(message);
      },
      left: () => {
        this.#streams.leave(stream);
        this.#records.ended(node, stream.talk.facts(), this.#deps.monotonicMs());
      },
    };
  }

  #supersede(stream: LiveStream | undefined): void {
    if (stream === undefined) return;
    const { node, peer, end } = stream;
    this.#deps.refusals.add('agent that gives way to a newer one of its node', { node, peer });
    end(status.ABORTED, 'a newer agent of the same node has taken over');
  }
}
