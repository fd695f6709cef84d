import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Usage } from '@tacho/proto';
import { demoPods } from '../../stand-ins/kubelet/pod-spec.ts';
import type { Bracket } from './bracketed-tree.ts';
import type { KernelCheck } from './kernel-check.ts';
import { WINDOW_USEC, withSampledNode } from './sampled-node.ts';

const TICK_MS = 5000;
/** A machine with other work may give the spinner less than its quota for a while. */
const MOST_TICKS = 9;
const RATE_TOLERANCE = 0.01;
/** A pod just started has a rate once it is older than the shortest window. */
const FIRST_TICK_MS = 1000;

/** The agent's counter and instant lie between the check's own. */
export function assertBetween({ before, beforeUsec, agent, afterUsec, after }: Bracket): void {
  assert.equal(agent.cpuStatus, 'ok');
  const counter = BigInt(agent.usageSeconds) * 1_000_000_000n + BigInt(agent.usageNanoseconds);
  const found = `${before.cpuNanoseconds} <= ${counter} <= ${after.cpuNanoseconds}`;
  assert.ok(before.cpuNanoseconds <= counter && counter <= after.cpuNanoseconds, `expected ${found}`);
  const { sampledAtUsec } = agent;
  assert.ok(beforeUsec <= sampledAtUsec && sampledAtUsec <= afterUsec, 'expected the instant of the reading');
}

const middleUsec = ({ beforeUsec, afterUsec }: Bracket) => (beforeUsec + afterUsec) / 2;
const middleNanoseconds = ({ before, after }: Bracket) =>
  Number(before.cpuNanoseconds + after.cpuNanoseconds) / 2;

/** Cores from the check's own readings, at the two instants that the agent says its window has. */
function ownRate(brackets: readonly Bracket[], windowUsec: number): number {
  const last = brackets.at(-1) ?? assert.fail('the agent never read this cgroup');
  const spans = (first: Bracket) =>
    last.beforeUsec - first.afterUsec - 1 <= windowUsec &&
    windowUsec <= last.afterUsec - first.beforeUsec + 1;
  const first = brackets.find(spans) ?? assert.fail(`no two readings are ${windowUsec} µs apart`);
  const usec = middleUsec(last) - middleUsec(first);
  return (middleNanoseconds(last) - middleNanoseconds(first)) / 1000 / usec;
}

function assertRate(usage: Usage, brackets: readonly Bracket[]): number {
  const { cpuNanocores, windowUsec } = usage;
  // Of the windows that the ticks allow the one that is nearest to 10 s: a machine may stand still between two.
  const last = brackets.at(-1) ?? assert.fail('the agent never read this cgroup');
  const windows = brackets.slice(0, -1).map((each) => middleUsec(last) - middleUsec(each));
  const distance = (usec: number) => Math.abs(usec - WINDOW_USEC);
  const [due = Number.NaN] = windows.toSorted((one, other) => distance(one) - distance(other));
  assert.ok(Math.abs(windowUsec - due) < 1_000_000, `expected a window of ${due} µs, found ${windowUsec} µs`);
  const cores = cpuNanocores / 1e9;
  const own = ownRate(brackets, windowUsec);
  assert.ok(
    Math.abs(cores - own) <= own * RATE_TOLERANCE,
    `expected ${own} cores from the kernel's counters, found ${cores}`,
  );
  return cores;
}

const rates: KernelCheck = {
  name: 'agent: a spinner held to a quarter of a core, an idle container and the node have the rates of their counters',
  needs: ['cpu', 'memory'],
  run(context) {
    const pods = demoPods().filter(({ name }) => name === 'cpu-quota' || name === 'idle');
    return withSampledNode(context, pods, async ({ tick, container, brackets }) => {
      await wait(FIRST_TICK_MS);
      tick();
      await wait(TICK_MS);
      tick();
      let spinning = 0;
      for (let ticks = 3; ticks <= MOST_TICKS && spinning < 0.24; ticks += 1) {
        await wait(TICK_MS);
        const report = tick();
        for (const who of ['cpu-quota', 'idle', undefined]) {
          assert.equal(brackets(who).length, ticks);
          brackets(who).forEach(assertBetween);
        }
        spinning = assertRate(container(report, 'cpu-quota'), brackets('cpu-quota'));
        assert.ok(spinning <= 0.26, `expected 0.25 cores, found ${spinning}`);
        assert.equal(assertRate(container(report, 'idle'), brackets('idle')), 0);
        // Not compared with the spinner's: the root of v2 counts by ticks, its children by run time.
        const node = assertRate(report.node ?? assert.fail('no figures of the node'), brackets(undefined));
        assert.ok(node > 0, 'expected the node to use CPU time');
      }
      assert.ok(spinning >= 0.24, `expected 0.25 cores in one window of many, found ${spinning}`);
    });
  },
};

export const agentCpuChecks: readonly KernelCheck[] = [rates];
