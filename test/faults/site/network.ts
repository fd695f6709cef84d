import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const slowLink = fileURLToPath(new URL('../../stand-ins/slow-link/slow-link.py', import.meta.url));

/** Where the stand-in for kube-apiserver listens, and the test: the router in the middle. */
export const routerAddress = '10.77.0.1';

/** A network namespace behind a port of the router. */
export interface Place {
  readonly name: string;
  readonly address: string;
  /** Its port at the router. */
  readonly port: string;
  /** The words before a command that run it there. */
  readonly within: readonly string[];
}

/** What is lost. */
export interface Loss {
  /** Of the packets, each way; by default all. */
  readonly share?: number;
  readonly way?: 'from' | 'to' | 'both';
}

/** Ends a fault. */
export type Heal = () => Promise<void>;

/**
 * A router, which is the namespace of this process, and places around it. What places say to one another passes its
 * FORWARD chain, and there it is lost; what they say to the router itself, and it to them, does not.
 */
export class Network {
  readonly #folder = join(tmpdir(), 'places');
  #places = 0;

  async up(): Promise<void> {
    mkdirSync(this.#folder);
    await run('ip', 'link', 'set', 'lo', 'up');
    await run('ip', 'address', 'add', `${routerAddress}/32`, 'dev', 'lo');
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  }

  /** @param delayMs of each packet, each way */
  async add(name: string, delayMs = 0): Promise<Place> {
    const file = join(this.#folder, name);
    this.#places += 1;
    const subnet = `10.77.${this.#places}`;
    const port = `to-${name}`;
    const within = ['nsenter', `--net=${file}`];
    const inside = (...words: readonly string[]) => run(...within, 'ip', ...words);
    writeFileSync(file, '');
    await run('unshare', `--net=${file}`, 'ip', 'link', 'set', 'lo', 'up');
    if (delayMs === 0) {
      await run('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'out', 'netns', file);
    } else await startSlowLink(file, port, delayMs);
    await run('ip', 'address', 'add', `${subnet}.1/24`, 'dev', port);
    await run('ip', 'link', 'set', port, 'up');
    await inside('address', 'add', `${subnet}.2/24`, 'dev', 'out');
    await inside('link', 'set', 'out', 'up');
    await inside('route', 'add', 'default', 'via', `${subnet}.1`);
    return { name, address: `${subnet}.2`, port, within };
  }

  /** Pulls the plug: the link goes, and with the namespace all of its connections, without a word to anybody. */
  async powerOff({ name, port }: Place): Promise<void> {
    await run('ip', 'link', 'delete', port);
    const file = join(this.#folder, name);
    await run('umount', file);
    rmSync(file);
  }

  /** Loses what goes to and comes from other places: all of it, or less. */
  lose({ port }: Place, { share = 1, way = 'both' }: Loss = {}): Promise<Heal> {
    const some = share < 1 ? ['-m', 'statistic', '--mode', 'random', '--probability', String(share)] : [];
    return drop(
      ...(way === 'to' ? [] : [['FORWARD', '-i', port, ...some]]),
      ...(way === 'from' ? [] : [['FORWARD', '-o', port, ...some]]),
    );
  }

  /** Loses what this place and the router's own listener on `tcpPort` say to one another. */
  hide({ port }: Place, tcpPort: number): Promise<Heal> {
    return drop(
      ['INPUT', '-i', port, '-p', 'tcp', '--dport', String(tcpPort)],
      ['OUTPUT', '-o', port, '-p', 'tcp', '--sport', String(tcpPort)],
    );
  }

  /** How many TCP connections a place has in a state, all or those of one of its own ports. */
  async connections({ within }: Place, state: 'established' | 'syn-sent', tcpPort?: number): Promise<number> {
    const port = tcpPort === undefined ? [] : ['sport', '=', `:${tcpPort}`];
    const lines = await run(...within, 'ss', '-Htn', 'state', state, ...port);
    return lines.split('\n').filter((line) => line !== '').length;
  }
}

async function drop(...rules: readonly (readonly string[])[]): Promise<Heal> {
  for (const rule of rules) await run('iptables', '-w', '-A', ...rule, '-j', 'DROP');
  return async () => {
    for (const rule of rules) await run('iptables', '-w', '-D', ...rule, '-j', 'DROP');
  };
}

/** It ends with the namespace of processes. */
async function startSlowLink(file: string, port: string, delayMs: number): Promise<void> {
  const link = spawn('python3', [slowLink, file, 'out', port, String(delayMs / 1_000)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(link, 'exit').then(([code]) => {
    throw new Error(`slow-link.py ended with exit code ${code}`);
  });
  await Promise.race([once(link.stdout, 'data'), ended]);
  ended.catch(() => undefined);
}

async function run(program = '', ...args: readonly string[]): Promise<string> {
  try {
    return (await execute(program, args)).stdout;
  } catch (cause) {
    const { stderr = '' } = cause as { readonly stderr?: string };
    throw new Error(`making the network: ${[program, ...args].join(' ')}: ${stderr.trim()}`, { cause });
  }
}
