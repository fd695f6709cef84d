import fc from 'fast-check';
import { ContainerName, Entry, type Sample, SampleTime } from '../measured/entry.ts';
import { LabelSet } from '../measured/label-set.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
const text = fc.oneof(label, fc.string({ maxLength: 40 }));
const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const usage = fc.record({
  cpuNanocores: count,
  memoryWorkingSetBytes: count,
  swapBytes: fc.option(count, { nil: undefined }),
});

/** An item as the API server and the agents can make one: names within Kubernetes' bounds, any labels. */
export const anyItem: fc.Arbitrary<{ readonly entry: Entry; readonly sample: Sample }> = fc
  .record({
    namespace: fc.option(name, { nil: undefined }),
    name,
    labels: fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }),
    timestampMs: fc.integer({ min: 0, max: 4e12 }),
    windowUsec: fc.integer({ min: 1, max: 600_000_000 }),
    containers: fc.array(fc.tuple(label, usage), { minLength: 1, maxLength: 6 }),
  })
  .map(({ namespace, name: itemName, labels, timestampMs, windowUsec, containers }) => {
    const isPod = namespace !== undefined;
    const entry = new Entry(isPod ? 'pods' : 'nodes', namespace ?? '', itemName, new LabelSet(labels));
    entry.revision = timestampMs * 1000;
    const measured = isPod ? containers : containers.slice(0, 1);
    const sample: Sample = {
      time: new SampleTime(timestampMs),
      windowUsec,
      usages: measured.map(([, each]) => each),
      names: measured.map(([each]) => new ContainerName(isPod ? each : '')),
    };
    return { entry, sample };
  });
