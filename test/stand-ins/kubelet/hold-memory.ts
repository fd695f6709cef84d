import { readFileSync } from 'node:fs';

/**
 * Program of a container, run by Node: `hold-memory.ts BYTES` grows until the kernel counts BYTES of anonymous memory
 * for this process, and keeps it there. It ends when its standard input does, that is when its parent is gone.
 */
const targetBytes = Number(process.argv[2]);
const MIB = 1024 * 1024;
const STEP_MIN_BYTES = 64 * 1024;
const held: Buffer[] = [];

/** RssAnon of proc_pid_status(5), since Linux 4.5; the kernel may lag by some 64 pages per thread. */
function anonymousBytes(): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  if (kib === undefined) throw new Error('reading /proc/self/status: expected a line RssAnon, found none');
  return Number(kib) * 1024;
}

function grow(): void {
  for (;;) {
    const missingBytes = targetBytes - anonymousBytes();
    if (missingBytes < STEP_MIN_BYTES) return;
    // Outside the heap of V8, so no collection moves or frees it; fill() touches every page.
    held.push(Buffer.allocUnsafeSlow(Math.min(MIB, missingBytes)).fill(1));
  }
}

grow();
// What start-up has left is collected at some later time; this makes up for it.
setInterval(grow, 1000);
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
