import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { backAfterMs, oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';

const frozenMs = 20_000;

/** One replica is stopped in the middle of it: the kernel goes on to accept, nobody answers. The other has everything. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const { pid } = site.replica('b').program;
  const fromMs = Date.now();
  kill(pid, 'SIGSTOP');
  await sleep(frozenMs);
  const thawedMs = Date.now();
  kill(pid, 'SIGCONT');
  await sleep(2 * freshMs);
  for (const node of ['n1', 'n2', 'n3']) {
    measured(
      `${node} on a: oldest, ms`,
      oldestMs(site.reading.reads, node, { replica: 'a', fromMs }),
      freshMs,
    );
    const backMs = backAfterMs(site.reading.reads, node, freshMs, { replica: 'b', fromMs: thawedMs });
    measured(`${node} on b: back after, ms`, backMs, freshMs);
  }
}
