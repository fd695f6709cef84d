import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
/** There on every machine, and in the namespace a file system of its own. */
const folder = '/dev/shm';

/**
 * Network, mounts and processes of its own, of which nothing is to be seen outside: all of it goes with the first process, and
 * that one goes with whoever started it.
 */
const ownNamespaces = [
  ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
  ...['sh', '-ec', `mount -t tmpfs tacho-faults ${folder}; exec "$@"`, 'sh'],
];

/**
 * Runs a case in namespaces of its own.
 * @returns what it has measured
 * @throws with the words of the case that did not hold, or when it takes longer than `longestMs`
 */
export async function inside(caseName: string, longestMs: number): Promise<readonly string[]> {
  const file = new URL(`../cases/${caseName}.ts`, import.meta.url);
  const child = spawn('unshare', [...ownNamespaces, process.execPath, main, file.href], {
    // Ctrl-C reaches the whole terminal; this one ends when the channel to it closes.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const out: string[] = [];
  const problems: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => problems.push(text));
  let late = false;
  const giveUp = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, longestMs);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    const measured = out
      .join('')
      .split('\n')
      .filter((line) => line !== '');
    if (code === 0) return measured;
    const why = late ? `not done after ${longestMs} ms` : '';
    throw new Error([`${caseName}: ${why}`, ...measured, problems.join('')].join('\n'));
  } finally {
    clearTimeout(giveUp);
  }
}

/** Processes of cases that this checkout has left, as they were started. */
export function leftovers(): readonly string[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      return words.includes(main) ? [words.replaceAll('\0', ' ')] : [];
    } catch {
      return [];
    }
  });
}

const probe = `
  ip link add port1 type veth peer name port2
  ip tuntap add dev port3 mode tun
  iptables -w -A FORWARD -i port1 -m statistic --mode random --probability 0.3 -j DROP
  ss -Htn state established
  python3 -c 'import ctypes, fcntl, select'`;

/** Why namespaces with all that the cases need cannot be had here; undefined where they can. */
export async function refusal(): Promise<string | undefined> {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    await promisify(execFile)('unshare', [...ownNamespaces, 'sh', '-ec', probe]);
    return undefined;
  } catch (error) {
    const { message, stderr } = error as { readonly message: string; readonly stderr?: string };
    const words = (stderr?.trim() || message).split('\n').at(-1);
    return `network namespaces need root, iproute2, iptables, util-linux, python3 and /dev/net/tun: ${words}`;
  }
}
