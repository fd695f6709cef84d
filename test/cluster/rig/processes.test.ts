import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive, readProcessStat } from './process-identity.ts';
import { createProcesses, type Processes } from './processes.ts';
import { waitWhileMissing } from './wait-while-missing.ts';

let folder = '';
let processes: Processes;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-processes-'));
  processes = createProcesses(folder);
});
afterEach(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true });
});

const soon = { atMostMs: 5_000, signal: new AbortController().signal, everyMs: 10 };
const identityOf = (name: string) => processes.identity(name) ?? expect.fail(`${name} is not on record`);

it('start() puts a process on record before it is the program, and its output in a log', async () => {
  await processes.start('speaker', ['sh', '-c', 'echo "it says $WORD"; exec sleep 1000'], { WORD: 'this' });
  expect(processes.isRunning('speaker')).toBe(true);
  await waitWhileMissing(
    'its words',
    () => (processes.tail('speaker') === 'it says this' ? undefined : 'none'),
    soon,
  );
});

it('stop() ends the whole group, also for those who did not start it', async () => {
  await processes.start('family', ['sh', '-c', 'sleep 1000 & echo $!; wait']);
  await waitWhileMissing(
    'the child',
    () => (/^\d+$/.test(processes.tail('family')) ? undefined : 'none'),
    soon,
  );
  const child = readProcessStat(Number(processes.tail('family'))) ?? expect.fail('no child');
  const parent = identityOf('family');
  await createProcesses(folder).stop('family');
  expect([parent, child].map(isAlive)).toEqual([false, false]);
  expect(processes.isRunning('family')).toBe(false);
});

it('stop() ends what is left of a group whose leader has ended', async () => {
  await processes.start('orphan', ['sh', '-c', 'sleep 1000 & echo $!']);
  await waitWhileMissing(
    'the end of the leader',
    () => (processes.isRunning('orphan') ? 'runs' : undefined),
    soon,
  );
  const child = readProcessStat(Number(processes.tail('orphan'))) ?? expect.fail('no child');
  await processes.stop('orphan');
  expect(isAlive(child)).toBe(false);
});

it('stop() leaves a process alone that has only the number of the one on record', async () => {
  await processes.start('other', ['sleep', '1000']);
  const other = identityOf('other');
  const record = join(folder, 'run', 'other.stat');
  const line = readFileSync(record, 'latin1');
  writeFileSync(record, line.replace(` ${other.startTicks} `, ' 1 '));
  await processes.stop('other');
  expect(isAlive(other)).toBe(true);
  writeFileSync(record, line);
});

it('start() says what is wrong with a program that is not there', async () => {
  await processes.start('nothing', ['/there/is/no/such/program']);
  await waitWhileMissing('its end', () => (processes.isRunning('nothing') ? 'runs' : undefined), soon);
  expect(processes.tail('nothing')).toContain('/there/is/no/such/program');
});
