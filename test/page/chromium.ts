import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { skipReason } from '../skip-reason.ts';

/** Debian's; other systems have it under other names. */
const executablePaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Why there is no browser to test with, also told on standard output; undefined where there is one. */
export function chromiumRefusal(file: string): string | undefined {
  if (executablePaths.some((path) => existsSync(path))) return undefined;
  const reason = `no Chromium at ${executablePaths.join(', ')}: Debian's package is chromium`;
  process.stdout.write(`${file} is skipped: ${reason}\n`);
  return skipReason(reason);
}

/** A browser without a window. Root may not have Chromium's sandbox, and /dev/shm is small in containers; the only page it opens is ours. */
export async function startChromium(): Promise<Browser> {
  const executablePath = executablePaths.find((path) => existsSync(path)) ?? '';
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
