import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { demoPods } from '../../stand-ins/kubelet/pod-spec.ts';
import { assertBetween } from './agent-cpu.ts';
import type { KernelCheck } from './kernel-check.ts';
import { withSampledNode } from './sampled-node.ts';

const LEAST_READINGS = 5;
/** As many as are kept: a slow machine takes seconds to fill the memory. */
const MOST_READINGS = 60;
const GAP_MS = 200;
const HELD_BYTES = 128 * 2 ** 20;

const podCgroups: KernelCheck = {
  name: 'agent: what is kept of a pod’s own cgroup is what its files say, and no less than its container’s',
  needs: ['cpu', 'memory'],
  run(context) {
    const pods = demoPods().filter(({ name }) => name === 'cpu-quota' || name === 'memory');
    return withSampledNode(context, pods, async ({ brackets, podCgroup, readPods, tick }) => {
      // A container that is younger than the shortest window would be left out of the report.
      await wait(1000);
      const heldBytes = () => podCgroup('memory').readings.at(-1)?.workingSetBytes ?? 0;
      let count = 0;
      while (count < LEAST_READINGS || (heldBytes() < HELD_BYTES && count < MOST_READINGS)) {
        count += 1;
        tick();
        readPods();
        await wait(GAP_MS);
      }
      for (const { name } of pods) {
        const pod = podCgroup(name);
        assert.equal(pod.brackets.length, count);
        pod.brackets.forEach(assertBetween);
        assert.deepEqual(
          pod.readings.map(({ sampledAtUsec, usageSeconds, usageNanoseconds, workingSetBytes }) => [
            sampledAtUsec,
            usageSeconds,
            usageNanoseconds,
            workingSetBytes,
          ]),
          pod.brackets.map(({ agent }) => [
            agent.sampledAtUsec,
            agent.usageSeconds,
            agent.usageNanoseconds,
            agent.workingSetBytes,
          ]),
        );
        for (const [index, { after }] of pod.brackets.entries()) {
          const container = brackets(name)[index] ?? assert.fail('the container was not read');
          assert.ok(after.cpuNanoseconds >= container.before.cpuNanoseconds, 'expected the sandbox on top');
        }
      }
      assert.ok(heldBytes() >= HELD_BYTES, `expected the 128 MiB of the container, found ${heldBytes()}`);
    });
  },
};

export const agentPodChecks: readonly KernelCheck[] = [podCgroups];
