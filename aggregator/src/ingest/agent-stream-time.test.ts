import { expect, test } from 'vitest';
import { aheadMs, directive, stream } from './fixture-agent-stream.ts';
import { ReportPace } from './report-pace.ts';

test('AgentStream gives a sample its true instant through a way with delay and a clock hours off', () => {
  const agent = stream();
  agent.agent.open(directive);
  // 400 ms each direction.
  agent.clock.ms += 800;
  agent.say({ echoReply: { nonce: 1, monotonicUsec: agent.agentUsec(10_400) } });
  agent.report(15_000, 15_400);
  expect(agent.sampledMs()).toBeCloseTo(15_000, 3);
  agent.report(20_000, 23_000); // one that was held up
  expect(agent.sampledMs()).toBeCloseTo(20_000, 3);
});

test('AgentStream takes the shortest way for the delay until an echo has come back', () => {
  const agent = stream();
  agent.report(15_000, 15_050);
  expect(agent.sampledMs()).toBeCloseTo(15_050, 3);
  agent.report(20_000, 20_010);
  expect(agent.sampledMs()).toBeCloseTo(20_010, 3);
});

test('AgentStream keeps ages right when this machine’s wall clock is set', () => {
  const agent = stream();
  agent.report(15_000, 15_000);
  agent.clock.wallStepMs = -3600_000;
  agent.report(20_000, 22_000);
  expect(agent.sampledMs()).toBeCloseTo(20_000 - 3600_000, 3);
});

test('AgentStream never dates a sample in the future, whatever the agent’s clock says', () => {
  const agent = stream();
  for (const sampledMs of [1_000, 9_000_000_000, 500, 8_000_000_000_000]) {
    agent.report(sampledMs, 20_000);
    expect(agent.sampledMs()).toBeLessThanOrEqual(20_000);
  }
});

test('AgentStream asks for an echo every 30 s, and after 10 s when one was never answered', () => {
  const agent = stream();
  agent.agent.open(directive);
  agent.say({ echoReply: { nonce: 1, monotonicUsec: agent.agentUsec(10_000) } });
  for (let ms = 10_000; ms < 40_000; ms += 5_000) agent.report(ms, ms);
  expect(agent.echoes()).toEqual([1]);
  agent.report(40_000, 40_000);
  expect(agent.echoes()).toEqual([1, 2]);
  for (let ms = 45_000; ms <= 60_000; ms += 5_000) agent.report(ms, ms);
  expect(agent.echoes()).toEqual([1, 2, 3, 4]);
});

test('AgentStream asks again at once, eight times at most, while the way is too long to be sure; then with each report', () => {
  const agent = stream();
  agent.agent.open(directive);
  const answer = () => {
    agent.clock.ms += 600;
    const nonce = agent.echoes().at(-1) ?? 0;
    agent.say({
      echoReply: { nonce, monotonicUsec: agent.agentUsec(agent.clock.ms - 300) },
    });
  };
  for (let reply = 0; reply < 9 && agent.echoes().length > reply; reply += 1) answer();
  expect(agent.echoes()).toHaveLength(8);
  agent.report(20_000, 20_300);
  agent.report(25_000, 25_300);
  expect(agent.echoes()).toHaveLength(9);
});

test('AgentStream ignores a reply that comes after the next echo was sent, and counts nothing', () => {
  const agent = stream();
  agent.agent.open(directive);
  agent.report(50_000, 50_000);
  agent.say({ echoReply: { nonce: 1, monotonicUsec: agent.agentUsec(10_000) } });
  expect([agent.echoes(), agent.counts()]).toEqual([[1, 2], {}]);
});

test('AgentStream refuses a report whose instant stands still or goes back, and takes the next', () => {
  const agent = stream();
  agent.agent.open(directive);
  for (const ms of [15_000, 15_000, 10_000, 20_000]) agent.report(ms, 20_000);
  expect(agent.accepted).toHaveLength(2);
  expect(agent.counts()).toEqual({ 'report of an instant that was reported before': 2 });
});

test('AgentStream finds by an echo that a clock was set back by less than a period', () => {
  const agent = stream();
  agent.agent.open(directive);
  agent.clock.ms += 100;
  agent.say({ echoReply: { nonce: 1, monotonicUsec: agent.agentUsec(10_050) } });
  agent.report(15_000, 15_050);
  agent.report(20_000 - 3_000, 20_050);
  agent.clock.ms += 100;
  agent.say({ echoReply: { nonce: 2, monotonicUsec: agent.agentUsec(20_100 - 3_000) } });
  agent.report(25_000 - 3_000, 25_050);
  expect(agent.sampledMs()).toBeCloseTo(25_000, 0);
  expect(agent.counts()).toEqual({ 'clock of an agent that has jumped': 1 });
});

test('AgentStream leaves out and counts reports that come faster than agreed, and still takes the next in time', () => {
  const agent = stream();
  agent.agent.open(directive);
  for (let ms = 10_000; ms < 60_000; ms += 100) agent.report(ms, ms);
  expect(agent.accepted.length).toBeLessThan(25);
  expect(agent.counts()['report earlier than agreed']).toBe(500 - agent.accepted.length);
  expect(agent.sampledMs()).toBeGreaterThan(55_000);
  agent.report(64_000, 64_000);
  expect(agent.sampledMs()).toBeCloseTo(64_000, 3);
});

test('AgentStream takes reports as often as it has told the agent last', () => {
  const agent = stream();
  agent.agent.open(directive);
  agent.agent.direct({ ...directive, periodUsec: 100_000 });
  for (let ms = 10_000; ms < 15_000; ms += 100) agent.report(ms, ms);
  expect(agent.accepted).toHaveLength(50);
  agent.agent.direct(directive);
  for (let ms = 15_000; ms < 20_000; ms += 100) agent.report(ms, ms);
  expect(agent.accepted.length).toBeLessThan(65);
});

test('AgentStream takes the first report of a stream however often the node has reported', () => {
  const pace = new ReportPace();
  while (pace.take(10_000, 5_000));
  const agent = stream(pace);
  agent.agent.open(directive);
  agent.report(10_000, 10_000);
  agent.report(10_500, 10_500);
  expect(agent.accepted).toHaveLength(1);
});

test('AgentStream.facts() tells the true age of the last report, also when this machine’s wall clock was set', () => {
  const agent = stream();
  agent.agent.open(directive);
  expect(agent.agent.facts()).toMatchObject({ lastReport: undefined, offsetMs: undefined });
  agent.report(15_000, 15_400);
  agent.report(20_000, 20_400);
  agent.clock.wallStepMs = -3600_000;
  agent.clock.ms = 20_800;
  agent.say({ echoReply: { nonce: 2, monotonicUsec: agent.agentUsec(20_600) } });
  expect(agent.agent.facts()).toEqual({
    greeting: undefined,
    lastReport: { arrivedMs: 20_400, sampledMs: 20_000, periodMs: 5_000 },
    ...{ offsetMs: -aheadMs, roundTripMs: 400 },
  });
});

test.each([
  ['ahead by three hours', 3 * 3600_000, 1],
  ['back by three hours', -2 * 3600_000, 3],
  ['ahead by two seconds', 2_000, 1],
])(
  'AgentStream is right soon after an agent’s clock has jumped %s, and counts it once',
  (_, jumpMs, reports) => {
    const agent = stream();
    agent.agent.open(directive);
    agent.clock.ms += 100;
    agent.say({ echoReply: { nonce: 1, monotonicUsec: agent.agentUsec(10_050) } });
    agent.report(15_000, 15_050);
    for (let ms = 20_000; ms < 20_000 + reports * 5_000; ms += 5_000) agent.report(ms + jumpMs, ms + 50);
    expect(agent.sampledMs()).toBeCloseTo(15_000 + reports * 5_000, 0);
    expect(agent.counts()['clock of an agent that has jumped']).toBe(1);
  },
);
