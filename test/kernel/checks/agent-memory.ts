import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { NodeReport, Usage } from '@tacho/proto';
import { demoPods } from '../../stand-ins/kubelet/pod-spec.ts';
import type { Bracket } from './bracketed-tree.ts';
import type { KernelCheck } from './kernel-check.ts';
import type { KernelFigures } from './kernel-figures.ts';
import { type SampledNode, withSampledNode } from './sampled-node.ts';

const MIB = 1024 * 1024;
/** The container grows to 128 MiB by its own count, which the kernel lets lag by 64 pages a thread. */
const LEAST_ANONYMOUS_BYTES = 126 * MIB;
/** The container fills its memory; memory.stat may be 2 s behind. */
const DEADLINE_MS = 40_000;
const PAUSE_MS = 100;
/** A pod just started has a rate once it is older than the shortest window. */
const FIRST_TICK_MS = 1000;

const workingSet = ({ before }: Bracket) => before.memoryUsageBytes - before.inactiveFileBytes;

/** Memory is never still for long, but often for one reading: what was read between equal figures must equal them. */
function stoodStill({ before, after }: Bracket): boolean {
  return (
    before.memoryUsageBytes === after.memoryUsageBytes && before.inactiveFileBytes === after.inactiveFileBytes
  );
}

/** Ticks until the figures of one cgroup were read at rest, and compares them then. `undefined` is the node. */
async function compareAtRest(
  node: SampledNode,
  pod: string | undefined,
  usageOf: (report: NodeReport) => Usage | undefined,
  settled: (figures: KernelFigures) => boolean = () => true,
): Promise<Bracket> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const usage = usageOf(node.tick());
    const bracket = node.brackets(pod).at(-1) ?? assert.fail('the agent never read this cgroup');
    if (usage !== undefined && stoodStill(bracket) && settled(bracket.before)) {
      assert.equal(bracket.agent.memoryUsageBytes, bracket.before.memoryUsageBytes);
      assert.equal(bracket.agent.inactiveFileBytes, bracket.before.inactiveFileBytes);
      assert.equal(usage.memoryWorkingSetBytes, Math.max(0, workingSet(bracket)));
      return bracket;
    }
    const found = `the last reading was ${inspect([bracket.before, bracket.after])}`;
    assert.ok(performance.now() < deadline, `${pod ?? 'the node'}: its memory never came to rest, ${found}`);
    await wait(PAUSE_MS);
  }
}

const memory: KernelCheck = {
  name: 'agent: memory of a container and of the node is the kernel’s, without the files that were read once',
  needs: ['cpu', 'memory'],
  run(context) {
    const pods = demoPods().filter(({ name }) => name === 'memory');
    return withSampledNode(context, pods, async (node) => {
      await wait(FIRST_TICK_MS);
      const held = await compareAtRest(
        node,
        'memory',
        (report) => node.container(report, 'memory'),
        ({ anonymousBytes, inactiveFileBytes }) =>
          anonymousBytes >= LEAST_ANONYMOUS_BYTES && inactiveFileBytes > 48 * MIB,
      );
      const bytes = workingSet(held);
      assert.ok(
        bytes > LEAST_ANONYMOUS_BYTES && bytes < 145 * MIB,
        `expected 126 to 145 MiB, found ${bytes / MIB}`,
      );
      const whole = await compareAtRest(node, undefined, (report) => report.node);
      assert.ok(workingSet(whole) > bytes, `expected the node to hold ${bytes}, found ${workingSet(whole)}`);
    });
  },
};

export const agentMemoryChecks: readonly KernelCheck[] = [memory];
