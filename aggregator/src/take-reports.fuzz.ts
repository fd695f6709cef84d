import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ingestService } from '@tacho/proto';
import pino from 'pino';
import { expect, test } from 'vitest';
import { wildMessages } from './fixture-wild-messages.ts';
import { AgentStream } from './ingest/agent-stream.ts';
import { Refusals } from './ingest/refusals.ts';
import { ReportPace } from './ingest/report-pace.ts';
import { cluster, report } from './snapshot/fixture-snapshot.ts';
import { takeReports } from './take-reports.ts';

const { requestDeserialize: decode } = ingestService().Push;
const messages = 1_000_000;
const lookEvery = 1_000;
/** Of what is kept anyway: counts by reason, names of containers. */
const mostGrownBytes = 4 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const heapBytes = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** A stream of n1 into the snapshot of a cluster, over which anything may be said. */
function path() {
  const { clock, snapshot, served } = cluster();
  const deps = { monotonicMs: () => clock.ms, wallMs: () => clock.ms };
  const refusals = new Refusals(pino({ level: 'silent' }), deps.monotonicMs);
  const counts = { accepted: 0, ended: 0 };
  const accept = takeReports({
    ...{ snapshot, refusals },
    capacities: { of: () => ({ cpuNanocores: undefined, memoryBytes: undefined }) as never },
    isServed: () => true,
    accepted: () => {
      counts.accepted += 1;
    },
  });
  const open = (): AgentStream => {
    const opened = new AgentStream('n1', {
      ...{ ...deps, refusals, accept, pace: new ReportPace() },
      ...{ send: () => undefined, askForTurn: () => undefined, listen: () => undefined },
      decode,
      end: () => {
        counts.ended += 1;
        stream = open();
      },
      greeted: () => undefined,
    });
    opened.open({ periodUsec: 1_000, windowUsec: 1_000, peers: [] });
    return opened;
  };
  let stream = open();
  return {
    ...{ clock, counts, refusals, served },
    say(message: Buffer) {
      clock.ms += 1;
      const its = stream;
      its.receive(message);
      its.serve();
    },
    /** What n2 says of its own pod. */
    sayOfFar: () => snapshot.put('n2', report(['far']), clock.ms),
  };
}

test(`${messages} wild messages crash nothing, change no value of another node and take no memory`, () => {
  const seed = Date.now() >>> 0;
  const next = wildMessages(seed);
  const { counts, refusals, say, sayOfFar, served } = path();
  let heapAtFirst = 0;
  sayOfFar();
  for (let said = 0; said < messages; said += 1) {
    if (said === messages / 10) heapAtFirst = heapBytes();
    const message = next();
    try {
      say(message);
    } catch (error) {
      throw new Error(`seed ${seed}, message ${said}: ${message.toString('hex')}`, { cause: error });
    }
    if (said % lookEvery > 0) continue;
    const what = `seed ${seed}, message ${said}`;
    expect(served.pod('default', 'far'), what).toMatchObject({
      containers: [{ name: 'app', cpuNanocores: 5 }],
    });
    const names = served.pods().map(({ name }) => name);
    expect(
      names.filter((name) => name !== 'web' && name !== 'far'),
      what,
    ).toEqual([]);
    for (const item of [...served.pods(), ...served.nodes()]) {
      for (const { cpuNanocores, memoryWorkingSetBytes } of item.containers) {
        expect(Number.isSafeInteger(cpuNanocores) && cpuNanocores >= 0, what).toBe(true);
        expect(Number.isSafeInteger(memoryWorkingSetBytes) && memoryWorkingSetBytes >= 0, what).toBe(true);
      }
    }
    // It must not become too old until the next look.
    sayOfFar();
  }
  expect(heapBytes() - heapAtFirst).toBeLessThan(mostGrownBytes);
  // Otherwise it would only have tested one refusal.
  expect(counts.accepted).toBeGreaterThan(messages / 50);
  expect(counts.ended).toBeGreaterThan(messages / 50);
  expect(refusals.counts().length).toBeGreaterThan(10);
});
