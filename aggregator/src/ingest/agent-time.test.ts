import type { AgentMessage, AggregatorMessage } from '@tacho/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptLog } from '../fixture-log.ts';
import { AgentStream } from './agent-stream.ts';
import { Push } from './fixture-agent-stream.ts';
import { Refusals } from './refusals.ts';
import { ReportPace } from './report-pace.ts';

const periodMs = 5_000;
const wallEpochMs = Date.UTC(2026, 0, 1);

interface Network {
  /** The agent's clock minus the aggregator's, and how much faster it runs. */
  readonly aheadMs: number;
  readonly driftPpm: number;
  /** Of each direction. */
  readonly floorMs: number;
  readonly jitterMs: () => number;
  readonly losesEcho: () => boolean;
}

/** One stream over a network with delays; each direction keeps the order, as TCP does. */
function run(network: Network, untilMs: number) {
  let nowMs = 0;
  const queue: { readonly ms: number; readonly run: () => void }[] = [];
  const at = (ms: number, what: () => void) => {
    queue.push({ ms, run: what });
    queue.sort((a, b) => a.ms - b.ms);
  };
  const way = () => {
    let lastMs = 0;
    return (what: () => void) => {
      lastMs = Math.max(lastMs, nowMs + network.floorMs + network.jitterMs());
      at(lastMs, what);
    };
  };
  const [up, down] = [way(), way()];
  const agentUsec = () => Math.round((1e8 + network.aheadMs + nowMs * (1 + network.driftPpm / 1e6)) * 1000);
  const reports: { readonly arrivedMs: number; readonly errorMs: number; readonly trueAgeErrorMs: number }[] =
    [];
  let firstEchoMs = Number.POSITIVE_INFINITY;
  let sampledMs = 0;
  const { log, lines } = keptLog();
  const stream = new AgentStream('n1', {
    send: ({ echo }: AggregatorMessage) => {
      if (echo === undefined || network.losesEcho()) return;
      down(() => {
        const echoReply = { nonce: echo.nonce, monotonicUsec: agentUsec() };
        up(() => {
          firstEchoMs = Math.min(firstEchoMs, nowMs);
          say({ echoReply });
        });
      });
    },
    accept: (_, __, sampledAtMs) => {
      const trueAgeErrorMs = (stream.facts().lastReport?.sampledMs ?? Number.NaN) - sampledMs;
      reports.push({ arrivedMs: nowMs, errorMs: sampledAtMs - wallEpochMs - sampledMs, trueAgeErrorMs });
    },
    ...{ decode: Push.requestDeserialize, askForTurn: () => undefined, listen: () => undefined },
    ...{ end: () => undefined, greeted: () => undefined },
    pace: new ReportPace(),
    refusals: new Refusals(log, () => nowMs),
    monotonicMs: () => nowMs,
    wallMs: () => wallEpochMs + nowMs,
  });
  const say = (message: AgentMessage) => {
    stream.receive(Push.requestSerialize(message));
    stream.serve();
  };
  const tick = () => {
    const [sampleMonotonicUsec, tickMs] = [agentUsec(), nowMs];
    up(() => {
      sampledMs = tickMs;
      say({ report: { sampleMonotonicUsec, pods: [] } });
    });
    at(nowMs + periodMs, tick);
  };
  stream.open({ periodUsec: periodMs * 1000, windowUsec: 10_000_000, peers: [] });
  tick();
  for (let next = queue.shift(); next !== undefined && next.ms <= untilMs; next = queue.shift()) {
    nowMs = next.ms;
    next.run();
  }
  return { reports, firstEchoMs, refused: lines };
}

const random = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
const aheadMs = fc.integer({ min: -3 * 3600_000, max: 3 * 3600_000 });
const floorMs = fc.integer({ min: 0, max: 500 });
const driftPpm = fc.integer({ min: -200, max: 200 });

test('AgentStream dates samples right to 0.2 s once an echo has come back, whatever clock, drift and steady way', () => {
  fc.assert(
    fc.property(aheadMs, floorMs, driftPpm, random, (ahead, floor, drift, chance) => {
      const losesEcho = () => (chance.next().value ?? 0) < 0.3;
      const network = { aheadMs: ahead, floorMs: floor, driftPpm: drift, jitterMs: () => 0, losesEcho };
      const { reports, firstEchoMs, refused } = run(network, 300_000);
      for (const { arrivedMs, errorMs, trueAgeErrorMs } of reports) {
        if (arrivedMs < firstEchoMs) continue;
        expect(Math.abs(errorMs)).toBeLessThan(200);
        expect(Math.abs(trueAgeErrorMs)).toBeLessThan(200);
      }
      expect(refused).toEqual([]);
      expect(reports.length).toBeGreaterThan(55);
    }),
    { numRuns: 50 },
  );
});

test('AgentStream dates samples right to 0.2 s through up to 500 ms of jitter each way, some echoes after the first', () => {
  fc.assert(
    fc.property(aheadMs, floorMs, driftPpm, fc.integer(), (ahead, floor, drift, seed) => {
      // Evenly spread: numbers that look for the worst would make a way that is always slower in one direction.
      let state = seed >>> 0;
      const chance = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      const network = {
        ...{ aheadMs: ahead, floorMs: floor, driftPpm: drift },
        jitterMs: () => 500 * chance(),
        losesEcho: () => chance() < 0.1,
      };
      const { reports, firstEchoMs, refused } = run(network, 300_000);
      const settled = reports.filter(({ arrivedMs }) => arrivedMs > firstEchoMs + 60_000);
      expect(settled.length).toBeGreaterThan(30);
      for (const { errorMs } of settled) expect(Math.abs(errorMs)).toBeLessThan(200);
      expect(refused).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
