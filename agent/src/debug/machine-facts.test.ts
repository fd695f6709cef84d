import { release } from 'node:os';
import { expect, test } from 'vitest';
import { MachineFactsReader, type MachineLibrary } from './machine-facts.ts';

const cpu = { manufacturer: 'AMD', brand: 'EPYC', cores: 4, physicalCores: 2, processors: 1, speed: 2.5 };
const library: MachineLibrary = {
  cpu: async () => cpu,
  mem: async () => ({ total: 8_000_000_000, swaptotal: 0 }),
};
const reader = (parts: Partial<MachineLibrary>, longestMs = 5_000) =>
  new MachineFactsReader({ load: async () => ({ ...library, ...parts }), longestMs });

test('MachineFactsReader tells processor and memory, and nothing that the library has beside', async () => {
  const withSecrets = { ...cpu, flags: 'fpu', serial: 'S-1' };
  expect(await reader({ cpu: async () => withSecrets }).read()).toEqual({
    kernel: release(),
    architecture: process.arch,
    uptimeSeconds: expect.any(Number),
    nodeVersion: process.version,
    cpu: { model: 'AMD EPYC', logical: 4, cores: 2, sockets: 1, speedGhz: 2.5 },
    memory: { totalBytes: 8_000_000_000, swapBytes: 0 },
    notKnown: [],
  });
});

test('MachineFactsReader leaves out a speed of 0, which is not known', async () => {
  const facts = await reader({ cpu: async () => ({ ...cpu, speed: 0 }) }).read();
  expect(facts.cpu).not.toHaveProperty('speedGhz');
});

test('MachineFactsReader says what is not known and why, and still tells the rest', async () => {
  const facts = await reader({ cpu: () => Promise.reject(new Error('no lscpu')) }).read();
  expect(facts).not.toHaveProperty('cpu');
  expect(facts.memory?.totalBytes).toBe(8_000_000_000);
  expect(facts.notKnown).toEqual([{ what: 'processor', why: 'no lscpu' }]);
});

test('MachineFactsReader gives a system that does not answer up', async () => {
  const facts = await reader({ mem: () => new Promise(() => undefined) }, 1).read();
  expect(facts.notKnown).toEqual([{ what: 'memory', why: 'no answer from the system within 0.001 s' }]);
});

test('MachineFactsReader says so when the library cannot be loaded', async () => {
  const broken = new MachineFactsReader({ load: () => Promise.reject(new Error('too many open files')) });
  expect((await broken.read()).notKnown.map(({ why }) => why)).toEqual([
    'too many open files',
    'too many open files',
  ]);
});

test('MachineFactsReader starts processes once, however often the page is loaded', async () => {
  let loads = 0;
  const counted = new MachineFactsReader({
    load: async () => {
      loads += 1;
      return library;
    },
  });
  await Promise.all([counted.read(), counted.read()]);
  await counted.read();
  expect(loads).toBe(1);
});

test('MachineFactsReader asks again with the next request when something is not known', async () => {
  let isUp = false;
  const late = reader({
    cpu: () => (isUp ? library.cpu() : Promise.reject(new Error('too many open files'))),
  });
  expect((await late.read()).notKnown).toHaveLength(1);
  isUp = true;
  expect(await late.read()).toMatchObject({ cpu: { model: 'AMD EPYC' }, notKnown: [] });
});

test('MachineFactsReader reads this machine with the library', async () => {
  const facts = await new MachineFactsReader().read();
  expect(facts.notKnown).toEqual([]);
  expect(facts.cpu?.logical).toBeGreaterThan(0);
  expect(facts.memory?.totalBytes).toBeGreaterThan(0);
});
