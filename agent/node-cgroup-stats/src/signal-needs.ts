/** What it takes for a file, or a key in it, to be there. */
export interface Needs {
  /** The first kernel that has it, `major.minor`. */
  readonly since?: string;
  /** What must be so beside that: a controller, an option of the kernel's build, a boot option. */
  readonly also?: string;
}

/** A kernel's `major.minor` as one number that compares; undefined for what is no release. */
function versionOf(release: string): number | undefined {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(release) ?? [];
  return major === undefined ? undefined : Number(major) * 10_000 + Number(minor);
}

/** Whether the running kernel is that version or newer; false where nobody knows. */
export function isSince(version: string, release: string): boolean {
  const [needed, running] = [versionOf(version), versionOf(release)];
  return needed !== undefined && running !== undefined && running >= needed;
}

/**
 * Why something is not there, for a person: the kernel's version where that is it, otherwise what else it takes.
 * @param what a path, or a key of a path
 * @param release of the running kernel, as in /proc/sys/kernel/osrelease; '' where it is not known
 */
export function whyAbsent(what: string, { since, also }: Needs, release: string): string {
  const [needed, running] = [versionOf(since ?? ''), versionOf(release)];
  if (needed !== undefined && running !== undefined && running < needed)
    return `${what} is not there: it came with kernel ${since}, and this is ${release}`;
  const conditions = [
    ...(needed !== undefined && running === undefined ? [`kernel ${since}`] : []),
    ...(also === undefined ? [] : [also]),
  ];
  return conditions.length === 0
    ? `${what} is not there`
    : `${what} is not there: it takes ${conditions.join(' and ')}`;
}

const controller = (name: string): Needs => ({ also: `the ${name} controller in this cgroup` });

export const cpuController = controller('cpu');
export const memoryController = controller('memory');
export const pidsController = controller('pids');
export const ioController = controller('io');
export const blkioThrottling: Needs = { since: '4.16', also: 'CONFIG_BLK_DEV_THROTTLING' };
export const swapAccounting: Needs = {
  also: 'swap accounting (CONFIG_MEMCG with CONFIG_SWAP; boot option swapaccount=1)',
};
export const pressureStall: Needs = {
  since: '4.20',
  also: 'CONFIG_PSI, and the boot option psi=1 where it is off',
};
export const irqPressureStall: Needs = { since: '6.1', also: 'CONFIG_PSI with CONFIG_IRQ_TIME_ACCOUNTING' };
export const memoryPeak: Needs = { since: '5.19', ...memoryController };
export const swapPeak: Needs = { since: '6.5', ...swapAccounting };
export const pidsPeak: Needs = { since: '6.1', ...pidsController };
export const kernelMemoryKey: Needs = { since: '5.18' };
export const oomKillKey: Needs = { since: '4.13' };
