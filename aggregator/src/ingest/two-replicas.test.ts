import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cluster, report as reportOf } from '../snapshot/fixture-snapshot.ts';
import { directive, stream } from './fixture-agent-stream.ts';

const periodMs = 5_000;
const { pods } = reportOf(['web']);

/** A replica with a stream of n1, whose wall clock is its own; what it serves of pod default/web. */
function replica(wayMs: number, wallAheadMs: number) {
  const { agent, say, agentUsec, clock, accepted, echoes } = stream();
  const { snapshot, clock: held, served } = cluster();
  let taken = 0;
  let connected = false;
  const at = (ms: number) => {
    clock.ms = ms;
    held.ms = ms;
  };
  return {
    /** What the agent does at an instant: it connects and sends its latest report, or sends one that is new. */
    push(nowMs: number, sampledMs: number) {
      at(nowMs);
      if (!connected) agent.open(directive);
      at(nowMs + wayMs);
      say({ report: { sampleMonotonicUsec: Math.round(agentUsec(sampledMs)), pods: [] } });
      if (!connected) {
        at(nowMs + 2 * wayMs);
        say({
          echoReply: { nonce: echoes().at(-1) ?? 0, monotonicUsec: Math.round(agentUsec(nowMs + wayMs)) },
        });
      }
      connected = true;
      for (const { report, sampledAtMs } of accepted.slice(taken)) {
        snapshot.put('n1', { ...report, pods }, sampledAtMs + wallAheadMs);
      }
      taken = accepted.length;
    },
    /** As the API prints it: without what is less than a second. */
    timestampMs(): number | undefined {
      const pod = served.pod('default', 'web');
      const ms = typeof pod === 'string' ? undefined : pod?.timestampMs;
      return ms === undefined ? undefined : Math.floor(ms / 1000) * 1000;
    },
  };
}

test('A client that alternates between two replicas sees timestamps go back by one period and a second at most', () => {
  const wayMs = fc.integer({ min: 0, max: 250 });
  const startMs = fc.integer({ min: 20_000, max: 40_000 });
  fc.assert(
    fc.property(
      wayMs,
      wayMs,
      startMs,
      fc.integer({ min: -100, max: 100 }),
      (way, otherWay, secondMs, apart) => {
        const [old, young] = [replica(way, 0), replica(otherWay, apart)];
        let last = 0;
        let youngStarted = false;
        const read = () => {
          for (const each of [old, young, old]) {
            const ms = each.timestampMs();
            if (ms === undefined) continue;
            expect(last - ms).toBeLessThanOrEqual(periodMs + 1_000);
            last = ms;
          }
        };
        for (let sampleMs = 15_000; sampleMs < 70_000; sampleMs += periodMs) {
          // The second replica comes in between: the agent sends it what it has.
          if (!youngStarted && secondMs < sampleMs + periodMs && secondMs >= sampleMs) {
            old.push(sampleMs, sampleMs);
            read();
            young.push(secondMs, sampleMs);
            youngStarted = true;
            read();
            continue;
          }
          old.push(sampleMs, sampleMs);
          read();
          if (youngStarted) young.push(sampleMs, sampleMs);
          read();
        }
        expect(youngStarted).toBe(true);
        const [a = 0, b = 0] = [old.timestampMs(), young.timestampMs()];
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1_000);
      },
    ),
  );
});

test('A stream that takes the place of another does not let a node’s timestamp go back', () => {
  const { snapshot, served } = cluster();
  const timestamps: number[] = [];
  const dated: number[] = [];
  // Each stream dates its first report by its arrival only, and the next after an echo.
  for (const beganMs of [20_000, 26_000, 31_000]) {
    const { agent, report, say, agentUsec, accepted, clock } = stream();
    clock.ms = beganMs;
    agent.open(directive);
    for (const ms of [beganMs - 4_000, beganMs]) {
      report(ms, beganMs + 40);
      say({ echoReply: { nonce: 1, monotonicUsec: agentUsec(beganMs + 20) } });
      const sampledAtMs = accepted.at(-1)?.sampledAtMs ?? 0;
      dated.push(sampledAtMs);
      snapshot.put('n1', { sampleMonotonicUsec: 0, node: undefined, pods }, sampledAtMs);
      const pod = served.pod('default', 'web');
      if (typeof pod === 'object') timestamps.push(pod.timestampMs);
    }
  }
  expect(dated).not.toEqual(dated.toSorted((one, other) => one - other));
  expect(timestamps).toHaveLength(6);
  expect(timestamps).toEqual(timestamps.toSorted((one, other) => one - other));
});
