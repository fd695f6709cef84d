import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { skipReason } from '../../skip-reason.ts';
import { bootGuest, type GuestOptions, whyNoGuest } from './boot-guest.ts';

const inGuest = it.skipIf(skipReason(whyNoGuest()) !== undefined);

function boot(script: string, options: Partial<GuestOptions> = {}) {
  const command = ['sh', '-c', script];
  return bootGuest({ command, workingDirectory: import.meta.dirname, timeoutMs: 60_000, ...options });
}

/** Every process of a guest, on the host, has its exchange folder as working directory. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

function exchangeFolderIn(output: string): string | undefined {
  return /^exchange=(\/.+)$/m.exec(output)?.[1];
}

inGuest('bootGuest() hands back exit code and output, and leaves nothing', async () => {
  const script = 'echo "it\'s $GREETING"; echo "exchange=$EXCHANGE"; touch /tmp/new && touch new; exit 7';
  const result = await boot(script, { env: { GREETING: 'a "guest" $HOME' } });
  expect(result).toMatchObject({ kind: 'ended', code: 7 });
  const output = result.kind === 'ended' ? result.output : '';
  expect(output).toContain('it\'s a "guest" $HOME\n');
  expect(output).toContain('Read-only file system');
  const folder = exchangeFolderIn(output) ?? expect.fail(output);
  expect(existsSync(folder)).toBe(false);
  expect(processesIn(folder)).toEqual([]);
});

inGuest('bootGuest() boots with the padded ptrace too', async () => {
  expect(await boot('exit 0', { padded: true })).toMatchObject({ kind: 'ended', code: 0 });
});

inGuest('bootGuest() powers the guest off when its time is over', async () => {
  await expect(boot('echo started; sleep 100', { timeoutMs: 6000 })).rejects.toThrow(
    /expected its exit code[\s\S]*started/,
  );
});

inGuest('bootGuest() kills every process of the guest when asked to stop', async () => {
  const stop = new AbortController();
  let output = '';
  let runningBefore = 0;
  const onOutput = (text: string) => {
    output += text;
    const folder = exchangeFolderIn(output);
    if (folder === undefined || stop.signal.aborted) return;
    runningBefore = processesIn(folder).length;
    stop.abort();
  };
  const booted = boot('echo "exchange=$EXCHANGE"; sleep 100', { onOutput, signal: stop.signal });
  await expect(booted).rejects.toThrow('running a guest');
  const folder = exchangeFolderIn(output) ?? expect.fail(output);
  expect(runningBefore).toBeGreaterThan(1);
  expect(processesIn(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});
