import { type AgentMessage, type AggregatorMessage, ingestService } from '@tacho/proto';
import { keptLog } from '../fixture-log.ts';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { AgentStream } from './agent-stream.ts';
import { Refusals } from './refusals.ts';
import { ReportPace } from './report-pace.ts';

export const { Push } = ingestService();
export const directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };
const epochMs = Date.UTC(2026, 0, 1);
/** The agent's monotonic clock began three hours before this process's. */
export const aheadMs = 3 * 3600_000;

/** A stream of n1, with a clock, what it sent and what it accepted. */
export function stream(pace = new ReportPace()) {
  const clock = { ms: 10_000, wallStepMs: 0 };
  const sent: AggregatorMessage[] = [];
  const flow = { turns: 0, listens: [] as boolean[], ended: [] as string[] };
  const greetings: { agentVersion: string; cgroupMode: string }[] = [];
  const accepted: { node: string; report: CheckedReport; sampledAtMs: number }[] = [];
  const refusals = new Refusals(keptLog().log, () => clock.ms);
  const agent = new AgentStream('n1', {
    send: (message) => sent.push(message),
    decode: Push.requestDeserialize,
    askForTurn: () => {
      flow.turns += 1;
    },
    listen: (on) => flow.listens.push(on),
    end: (why) => flow.ended.push(why),
    accept: (node, report, sampledAtMs) => accepted.push({ node, report, sampledAtMs }),
    greeted: (greeting) => greetings.push(greeting),
    pace,
    refusals,
    monotonicMs: () => clock.ms,
    wallMs: () => epochMs + clock.ms + clock.wallStepMs,
  });
  /** The agent's clock in microseconds at an instant of this process's. */
  const agentUsec = (ms: number) => (ms + aheadMs) * 1000;
  const say = (message: AgentMessage) => {
    agent.receive(Push.requestSerialize(message));
    agent.serve();
  };
  return {
    ...{ agent, say, flow, clock, sent, accepted, agentUsec, greetings },
    counts: () => Object.fromEntries(refusals.counts().map(({ reason, count }) => [reason, count])),
    echoes: () => sent.flatMap(({ echo }) => (echo === undefined ? [] : [echo.nonce])),
    /** A report of a sample taken at one instant that arrives at another. */
    report(sampledMs: number, arrivedMs: number) {
      clock.ms = arrivedMs;
      say({ report: { sampleMonotonicUsec: agentUsec(sampledMs), pods: [] } });
    },
    /** When the last report was sampled, on this process's clock. */
    sampledMs: () => (accepted.at(-1)?.sampledAtMs ?? Number.NaN) - epochMs,
  };
}
