import { type AgentMessage, type AggregatorMessage, ingestService, type PulledNode } from '@tacho/proto';
import { keptLog } from '../fixture-log.ts';
import { PullerStream, type PullerTry } from './puller-stream.ts';
import { Refusals } from './refusals.ts';

const { Push } = ingestService();
export const directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };
export const epochMs = Date.UTC(2026, 0, 1);
/** The puller's monotonic clock began three hours before this process's. */
const aheadMs = 3 * 3_600_000;

/** A stream of the puller p1, with a clock, what it was sent and what it has brought. */
export function pullerStream() {
  const clock = { ms: 10_000 };
  const sent: AggregatorMessage[] = [];
  const flow = { turns: 0, listens: [] as boolean[], ended: [] as string[], greeted: [] as string[] };
  const tries: PullerTry[] = [];
  const refusals = new Refusals(keptLog().log, () => clock.ms);
  const stream = new PullerStream('p1', {
    send: (message) => sent.push(message),
    decode: Push.requestDeserialize,
    askForTurn: () => {
      flow.turns += 1;
    },
    listen: (on) => flow.listens.push(on),
    end: (why) => flow.ended.push(why),
    accept: (tried) => tries.push(tried),
    greeted: (version) => flow.greeted.push(version),
    refusals,
    monotonicMs: () => clock.ms,
    wallMs: () => epochMs + clock.ms,
  });
  /** The puller's clock in microseconds at an instant of this process's. */
  const pullerUsec = (ms: number) => (ms + aheadMs) * 1_000;
  const hear = (message: AgentMessage) => stream.receive(Push.requestSerialize(message));
  const say = (message: AgentMessage) => {
    hear(message);
    stream.serve();
  };
  return {
    ...{ stream, clock, sent, flow, tries, pullerUsec, hear, say },
    counts: () => Object.fromEntries(refusals.counts().map(({ reason, count }) => [reason, count])),
    refused: (node: string) => refusals.ofNode(node).map(({ reason }) => reason),
    ask: (...names: string[]) => stream.ask(names.map((name) => ({ name, addresses: [] }))),
    /** Answers the last echo, that long after it was sent and heard half-way. */
    echo(roundTripMs = 0) {
      const nonce = sent.findLast(({ echo }) => echo)?.echo?.nonce ?? 0;
      const heardMs = clock.ms + roundTripMs / 2;
      clock.ms += roundTripMs;
      say({ echoReply: { nonce, monotonicUsec: pullerUsec(heardMs) } });
    },
    /** What was pulled of a node, sampled at an instant of this process's clock. */
    pull(nodeName: string, sampledMs?: number, problem?: PulledNode['problem']) {
      const report =
        sampledMs === undefined ? undefined : { sampleMonotonicUsec: pullerUsec(sampledMs), pods: [] };
      say({ pulledNode: { nodeName, ...(report && { report }), ...(problem && { problem }) } });
    },
  };
}
