import { arch, release, uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorWords } from '@tacho/command-line';
import type { Systeminformation } from 'systeminformation';

/** What the machine is, as far as it can be seen from the agent. Nothing in it names a user, a serial number or an address. */
export interface MachineFacts {
  readonly kernel: string;
  /** In Node's words: `x64`, `arm64`. */
  readonly architecture: string;
  readonly uptimeSeconds: number;
  readonly nodeVersion: string;
  /** What follows is left out where it cannot be found out; `notKnown` says why. */
  readonly cpu?: {
    readonly model: string;
    readonly logical: number;
    readonly cores: number;
    readonly sockets: number;
    /** Left out where neither the system nor a hypervisor tells. */
    readonly speedGhz?: number;
  };
  readonly memory?: { readonly totalBytes: number; readonly swapBytes: number };
  readonly notKnown: readonly { readonly what: string; readonly why: string }[];
}

/** The part of systeminformation that neither blocks nor asks the network: osInfo() runs `hostname -f`, which asks DNS. */
export interface MachineLibrary {
  cpu(): Promise<
    Pick<
      Systeminformation.CpuData,
      'manufacturer' | 'brand' | 'cores' | 'physicalCores' | 'processors' | 'speed'
    >
  >;
  mem(): Promise<Pick<Systeminformation.MemData, 'total' | 'swaptotal'>>;
}

export interface MachineFactsDeps {
  /** Called when somebody asks, until all is known. */
  readonly load?: () => Promise<MachineLibrary>;
  /** For all of it; by default 5 s. */
  readonly longestMs?: number;
}

type Found = Pick<MachineFacts, 'cpu' | 'memory' | 'notKnown'>;

const loadLibrary = async (): Promise<MachineLibrary> => (await import('systeminformation')).default;

/**
 * The facts of the machine. Read once, since processes are started to find out about the processor; what was not known is
 * asked for again with the next request.
 */
export class MachineFactsReader {
  readonly #deps: Required<MachineFactsDeps>;
  #found: Promise<Found> | undefined;

  constructor({ load = loadLibrary, longestMs = 5_000 }: MachineFactsDeps = {}) {
    this.#deps = { load, longestMs };
  }

  /** Never rejects. */
  async read(): Promise<MachineFacts> {
    this.#found ??= this.#find();
    const finding = this.#found;
    const found = await finding;
    if (found.notKnown.length > 0 && this.#found === finding) this.#found = undefined;
    return {
      kernel: release(),
      architecture: arch(),
      uptimeSeconds: Math.floor(uptime()),
      nodeVersion: process.version,
      ...found,
    };
  }

  async #find(): Promise<Found> {
    const library = this.#deps.load();
    const [cpu, memory] = await Promise.allSettled([
      this.#bounded(library.then((loaded) => loaded.cpu())),
      this.#bounded(library.then((loaded) => loaded.mem())),
    ]);
    const refused = [
      { what: 'processor', result: cpu },
      { what: 'memory', result: memory },
    ];
    return {
      ...(cpu.status === 'fulfilled' ? { cpu: cpuFacts(cpu.value) } : {}),
      ...(memory.status === 'fulfilled'
        ? { memory: { totalBytes: memory.value.total, swapBytes: memory.value.swaptotal } }
        : {}),
      notKnown: refused.flatMap(({ what, result }) =>
        result.status === 'rejected' ? [{ what, why: errorWords(result.reason) }] : [],
      ),
    };
  }

  async #bounded<T>(finding: Promise<T>): Promise<T> {
    const { longestMs } = this.#deps;
    const enough = new AbortController();
    const late = async (): Promise<never> => {
      await sleep(longestMs, undefined, { signal: enough.signal, ref: false });
      throw new Error(`no answer from the system within ${longestMs / 1000} s`);
    };
    try {
      return await Promise.race([finding, late()]);
    } finally {
      enough.abort();
    }
  }
}

function cpuFacts(cpu: Awaited<ReturnType<MachineLibrary['cpu']>>): NonNullable<MachineFacts['cpu']> {
  const { manufacturer, brand, cores, physicalCores, processors, speed } = cpu;
  return {
    model: `${manufacturer} ${brand}`.trim(),
    logical: cores,
    cores: physicalCores,
    sockets: processors,
    ...(speed > 0 ? { speedGhz: speed } : {}),
  };
}
