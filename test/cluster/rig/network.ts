import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where the control plane listens. */
export const controlPlaneAddress = '10.200.0.1';
export const podNetwork = '10.244.0.0/16';
export const serviceNetwork = '10.96.0.0/16';
/** The Service `kubernetes`: the first address of the Services. */
export const kubernetesServiceAddress = '10.96.0.1';
export const dnsServiceAddress = '10.96.0.10';
export const nodeAddress = (number: number): string => `10.200.0.${10 + number}`;
export const podSubnet = (number: number): string => `10.244.${number}.0/24`;

const control = 'control-plane';

/**
 * The network of one cluster: a namespace of its own with a bridge, one port for each node. Namespaces are held by bind
 * mounts in the cluster's folder, so that nothing of a cluster has a place outside of it.
 */
export interface Network {
  up(): Promise<void>;
  /** A device for a User-Mode Linux node; returns its name. */
  plugTap(number: number): Promise<string>;
  /** A namespace for a node on this kernel, with `vec0` as its device. */
  plugVeth(number: number): Promise<void>;
  /** The words before a command that run it in the control plane's namespace. */
  enter(): readonly string[];
  /** Holds the namespace of such a node. */
  namespaceFile(number: number): string;
  /** The node's port drops everything, both ways. */
  cut(number: number): Promise<void>;
  heal(number: number): Promise<void>;
  down(): Promise<void>;
}

export function createNetwork(folder: string): Network {
  const namespaces = join(folder, 'net');
  const fileOf = (number?: number) => join(namespaces, number === undefined ? control : `node${number}`);
  // Not `ip netns exec`: that mounts a new /sys, without the cgroups.
  const enter = () => ['nsenter', `--net=${fileOf()}`];
  const inControl = (...argv: readonly string[]) => run([...enter(), ...argv]);

  async function makeNamespace(number?: number): Promise<void> {
    mkdirSync(namespaces, { recursive: true });
    await run(['touch', fileOf(number)]);
    await run(['unshare', `--net=${fileOf(number)}`, 'ip', 'link', 'set', 'lo', 'up']);
  }

  async function plug(number: number): Promise<void> {
    await inControl('ip', 'link', 'set', port(number), 'master', 'br0', 'up');
    await inControl('ip', 'route', 'replace', podSubnet(number), 'via', nodeAddress(number), 'dev', 'br0');
  }

  return {
    enter,
    namespaceFile: fileOf,
    async up() {
      await makeNamespace();
      await inControl('ip', 'link', 'add', 'br0', 'address', '02:00:0a:c8:00:01', 'type', 'bridge');
      await inControl('ip', 'addr', 'add', `${controlPlaneAddress}/24`, 'dev', 'br0');
      await inControl('ip', 'link', 'set', 'br0', 'up');
      await inControl('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
      // Where the module is not loaded there is nothing to switch off.
      await inControl(
        'sh',
        '-c',
        'f=/proc/sys/net/bridge/bridge-nf-call-iptables; [ ! -e $f ] || echo 0 >$f',
      );
    },
    async plugTap(number) {
      const there = await inControl('ip', '-o', 'link');
      if (!there.includes(` ${port(number)}:`))
        await inControl('ip', 'tuntap', 'add', 'dev', port(number), 'mode', 'tap');
      await plug(number);
      return port(number);
    },
    async plugVeth(number) {
      if (existsSync(fileOf(number))) return;
      await makeNamespace(number);
      const peer = ['peer', 'name', 'vec0', 'netns', fileOf(number)];
      await inControl('ip', 'link', 'add', port(number), 'type', 'veth', ...peer);
      await plug(number);
    },
    cut: async (number) => void (await inControl('bridge', 'link', 'set', 'dev', port(number), 'state', '0')),
    heal: async (number) =>
      void (await inControl('bridge', 'link', 'set', 'dev', port(number), 'state', '3')),
    async down() {
      for (const name of existsSync(namespaces) ? readdirSync(namespaces) : []) {
        const file = join(namespaces, name);
        // One that was never mounted is only a file.
        await run(['umount', file]).catch(() => undefined);
        rmSync(file);
      }
    },
  };
}

const port = (number: number): string => `port${number}`;

async function run([program = '', ...args]: readonly string[]): Promise<string> {
  try {
    return (await execute(program, args)).stdout;
  } catch (cause) {
    const { stderr = '' } = cause as { readonly stderr?: string };
    throw new Error(`making the network: ${[program, ...args].join(' ')}: ${stderr.trim()}`, { cause });
  }
}
