import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { kubectlBinary } from '../kubectl/kubectl-binary.ts';
import { skipReason } from '../skip-reason.ts';
import { bootGuest, whyNoGuest } from './uml/boot-guest.ts';
import { type CheckOutcome, parseCheckLines } from './uml/check-line.ts';
import { guestChecks } from './uml/guest-checks.ts';

/** Four minutes where nothing else runs; a virtual machine whose host is busy has taken three times that. */
const BOOT_AND_CHECKS_MS = 1_200_000;
const HOOK_MS = BOOT_AND_CHECKS_MS + 60_000;
const repository = dirname(dirname(import.meta.dirname));

const reason = skipReason(whyNoGuest());
if (reason !== undefined) process.stdout.write(`uml.test.ts is skipped: ${reason}\n`);
const inGuest = it.skipIf(reason !== undefined);

let output = '';
let outcomes: ReadonlyMap<string, CheckOutcome> = new Map();

beforeAll(async () => {
  if (reason !== undefined) return;
  // Unpacked here: in the guest that would take longer, and its file system is read only.
  await kubectlBinary('1.32');
  const cache = join(await kubectlBinary('1.36'), '../../..'); // <cache>/tacho/<hash>/kubectl
  const result = await bootGuest({
    command: [process.execPath, 'test/kernel/uml/guest-main.ts'],
    env: { XDG_CACHE_HOME: cache },
    workingDirectory: repository,
    timeoutMs: BOOT_AND_CHECKS_MS,
  });
  if (result.kind === 'refused') throw new Error(result.reason);
  output = result.output;
  outcomes = parseCheckLines(output);
}, HOOK_MS);

inGuest('the guest is pure cgroup v2', () => {
  expect(output).toContain('layout v2;');
});

for (const { name } of guestChecks) {
  inGuest(`in the guest: ${name}`, (context) => {
    const outcome = outcomes.get(name);
    if (outcome === undefined) expect.fail(`the guest did not come to this check; it said:\n${output}`);
    if (outcome.skipped !== undefined) context.skip(outcome.skipped);
    expect(outcome.error).toBeUndefined();
  });
}
