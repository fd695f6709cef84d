import { describe, expect, test } from 'vitest';
import { soak } from '../bench/soak-run.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const refusal = await cgroupRefusal('soak.test.ts');

/** The long version is `npm run bench -- soak`. */
describe.skipIf(refusal !== undefined)('the agent', () => {
  test('keeps nothing of 2,000 containers that came and went', { timeout: 120_000 }, async () => {
    const { births, descriptorsBefore, end, knownAtEnd, most, mostLiving, seenShare } = await soak(
      2_000,
      () => {},
    );
    expect(births).toBe(2_000);
    expect(seenShare).toBe(1);
    expect(knownAtEnd).toBe(0);
    // Four files at most for each container and each pod.
    expect(most.descriptors).toBeLessThan(descriptorsBefore + 4 * mostLiving);
    expect(end.descriptors).toBeLessThanOrEqual(descriptorsBefore + 4);
  });
});
