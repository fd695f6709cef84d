import { setInterval as every } from 'node:timers/promises';
import { cpuNanosecondsOf, numberOfKey, readKernelText } from '../kernel/checks/kernel-text.ts';
import type { KernelContext } from '../kernel/context.ts';

/** What the kernel's own texts said of one cgroup, between two instants of the wall clock. */
interface Entry {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly cpuNsec: bigint;
  readonly workingSetBytes: number | undefined;
}

const everyMs = 20;
/** Times in the state are rounded to a millisecond, and so are those of the clock here. */
const roundingMs = 2;

/** Reads the kernel's texts of some cgroups again and again, to compare with what somebody else has read meanwhile. */
export class KernelTextLog {
  readonly #context: KernelContext;
  readonly #entries: ReadonlyMap<string, Entry[]>;

  constructor(context: KernelContext, paths: readonly string[]) {
    this.#context = context;
    this.#entries = new Map(paths.map((path) => [path, []]));
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of every(everyMs, undefined, { signal })) {
        for (const [path, entries] of this.#entries) entries.push(this.#read(path));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** The CPU time before and after an instant, in ns; undefined where this log has not been there. */
  cpuAround(path: string, atMs: number): { readonly before: bigint; readonly after: bigint } | undefined {
    const entries = this.#entries.get(path) ?? [];
    const before = entries.findLast(({ afterMs }) => afterMs < atMs - roundingMs)?.cpuNsec;
    const after = entries.find(({ beforeMs }) => beforeMs > atMs + roundingMs)?.cpuNsec;
    return before === undefined || after === undefined ? undefined : { before, after };
  }

  /** Every working set that was seen. */
  workingSets(path: string): ReadonlySet<number | undefined> {
    return new Set(this.#entries.get(path)?.map(({ workingSetBytes }) => workingSetBytes));
  }

  #read(path: string): Entry {
    const text = (name: string) => readKernelText(this.#context.file(path, name));
    const v2 = this.#context.layout.mode === 'v2';
    const beforeMs = Date.now();
    const cpuNsec = cpuNanosecondsOf(text(v2 ? 'cpu.stat' : 'cpuacct.usage') ?? '');
    const afterMs = Date.now();
    const usage = Number(text(v2 ? 'memory.current' : 'memory.usage_in_bytes'));
    const inactive = numberOfKey(text('memory.stat'), v2 ? 'inactive_file' : 'total_inactive_file');
    const workingSetBytes = inactive === undefined ? undefined : Math.max(0, usage - inactive);
    return { beforeMs, afterMs, cpuNsec, workingSetBytes };
  }
}
