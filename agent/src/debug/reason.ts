/** Why something is missing, for programs and for people. */
export interface Reason {
  /** Lower-case words with dashes; stays the same between releases. */
  readonly code: string;
  readonly sentence: string;
  /** What to do about it; left out where there is nothing to do or to wait for. */
  readonly mend?: string;
}

const spoken: Readonly<Record<string, Omit<Reason, 'code'>>> = {
  first: {
    sentence: 'The CPU counter was read once so far; a rate needs two readings.',
    mend: 'Wait for the next tick.',
  },
  'too-close': {
    sentence: 'The readings of the CPU counter are less than 0.4 s apart: too little for a rate.',
    mend: 'Wait for the next tick.',
  },
  reset: {
    sentence: 'The CPU counter went back, so counting has begun anew.',
    mend: 'Wait for the next tick. On cgroup v1 a write to cpuacct.usage does this: nothing should write there.',
  },
  paused: {
    sentence:
      'Nothing was read for more than three windows: the agent or the virtual machine was stopped, or the kernel refused. Counting has begun anew.',
    mend: 'Wait for the next tick. If this comes again and again, the agent does not get the processor.',
  },
  superseded: {
    sentence: 'The container was restarted, and this is the cgroup of the one before, which is still there.',
  },
  starting: {
    sentence: 'Nobody has named this container: it is being started, or it is the sandbox of its pod.',
    mend: 'A sandbox never has a name. A container gets one within seconds; if not, look at --container-logs.',
  },
  'names-unreadable': {
    sentence: 'The source of names cannot be read, so containers have none.',
    mend: 'Log links: mount the node’s /var/log/containers, readable to the agent’s user (--container-logs). API: the agent’s account must be able to list and watch pods (--identity=api).',
  },
  'unknown-pod': {
    sentence: 'Neither a name nor a cgroup of this node belongs to a pod of this name.',
    mend: 'kubectl get pod -o wide says on which node it is, and whether it was started.',
  },
};

/** What the kernel file of a quantity can lack; `quantity` is cpu or memory. */
function fileReason(quantity: string, status: string): Omit<Reason, 'code'> {
  const files = quantity === 'cpu' ? 'cpu.stat or cpuacct.usage' : 'memory.stat and memory.current or usage';
  if (status === 'absent') {
    return {
      sentence: `The kernel has no ${quantity} number here: ${files} of the cgroup is not there or lacks it.`,
      mend: `The ${quantity} controller must be on for this cgroup; a boot option such as cgroup_disable turns it off.`,
    };
  }
  if (status === 'malformed') return { sentence: `The text of ${files} is not what the kernel writes.` };
  if (status === 'gone') return { sentence: 'The cgroup was removed.' };
  return {
    sentence: `${files} of the cgroup cannot be read: kernelFiles has the reason.`,
    mend: 'The agent’s user must be able to read the node’s cgroups: look at the mount that --cgroup-root names.',
  };
}

/** @param why as UsageState has it: a gap, or what is wrong with a kernel file, such as `cpu absent` */
export function reasonOf(why: string): Reason {
  const known = Object.hasOwn(spoken, why) ? spoken[why] : undefined;
  if (known !== undefined) return { code: why, ...known };
  const [, quantity, status] = /^(cpu|memory) (absent|malformed|gone|unreadable)$/.exec(why) ?? [];
  if (quantity === undefined || status === undefined) return { code: 'other', sentence: why };
  return { code: `${quantity}-${status}`, ...fileReason(quantity, status) };
}

/** Only the reason in something that has more. */
export function reasonIn({ code, sentence, mend }: Reason): Reason {
  return mend === undefined ? { code, sentence } : { code, sentence, mend };
}
