import type { CounterPoint } from '../../agent/src/debug/counter-points.ts';
import type { ContainerState, DebugState, PodState } from '../../agent/src/debug/debug-state.ts';
import type { NotReportedCode } from '../../agent/src/pods/not-reported.ts';
import type { Signal } from '../../agent/src/signals/signal-values.ts';

/** A made-up node whose time goes on when told to. Everything is derived from the tick: two runs show the same. */
export class BusyNode {
  readonly #containers: number;
  readonly #hostile: boolean;
  #tick = 60;

  /** @param hostile whether names try to be markup */
  constructor(containers: number, { hostile = false } = {}) {
    this.#containers = containers;
    this.#hostile = hostile;
  }

  /** One second goes by. */
  advance(): void {
    this.#tick += 1;
  }

  /** @param lastSeconds how many readings; a minute's unless told */
  state(lastSeconds = 61): DebugState {
    const pods: PodState[] = [];
    for (let at = 0, pod = 0; at < this.#containers; pod += 1) {
      const members = Math.min(1 + (pod % 3), this.#containers - at);
      pods.push(this.#pod(pod, at, members, lastSeconds));
      at += members;
    }
    const unready = pods[1]?.containers[0];
    return {
      time: atTime(this.#tick),
      agentVersion: '0.1.0',
      periodUsec: 1_000_000,
      windowUsec: 10_000_000,
      report: { sampledAt: atTime(this.#tick), pods: pods.length, containers: this.#containers },
      replicas: [
        {
          address: '10.0.0.11:10251',
          connected: true,
          since: atTime(0),
          sent: { sampledAt: atTime(this.#tick), at: atTime(this.#tick), reports: this.#tick },
          answered: { at: atTime(this.#tick - 5), periodUsec: 1_000_000, windowUsec: 10_000_000, peers: 2 },
        },
        {
          address: '10.0.0.12:10251',
          connected: false,
          since: atTime(this.#tick - 20),
          lastError: 'UNAVAILABLE: connection refused',
          sent: { sampledAt: atTime(this.#tick - 21), at: atTime(this.#tick - 21), reports: 40 },
        },
      ],
      node: {
        name: 'worker-7.example',
        cgroupMode: 'v2',
        ...this.#usage(7, 900e6, 6 * 2 ** 30, lastSeconds),
      },
      pods,
      unnamed: [],
      notReported: [
        {
          what: 'container',
          namespace: pods[1]?.namespace ?? '',
          pod: pods[1]?.name ?? '',
          container: unready?.name ?? '',
          cgroupPath: unready?.cgroupPath ?? '',
          code: 'first',
          sentence: 'The CPU counter was read once so far; a rate needs two readings.',
          mend: 'Wait for the next tick.',
        },
        ...pods.slice(0, 12).map(({ cgroupPath }, index) => ({
          what: 'cgroup' as const,
          cgroupPath: `${cgroupPath}/${'5a'.repeat(8)}${index}`,
          code: 'sandbox' satisfies NotReportedCode,
          sentence: 'the pod’s sandbox (pause): what it uses is counted in the pod’s own cgroup',
        })),
        ...pods.slice(0, 3).map(({ namespace, name, uid }, index) => ({
          what: 'container' as const,
          namespace,
          pod: name,
          podUid: uid,
          container: 'init',
          containerId: index.toString(16).padStart(64, 'd'),
          code: 'no-cgroup' satisfies NotReportedCode,
          sentence:
            'container init has no cgroup: it has ended, or its runtime (gVisor, kata) makes none for it',
        })),
      ],
    };
  }

  #pod(pod: number, first: number, members: number, lastSeconds: number): PodState {
    const namespace = ['default', 'kube-system', 'payments', 'observability'][pod % 4] ?? '';
    const kind =
      ['checkout', 'ledger', 'node-exporter', 'search-index-builder-nightly', 'api'][pod % 5] ?? '';
    const markup = this.#hostile ? '<img src=x onerror="document.title=\'owned\'">' : '';
    const cgroupPath = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod}.slice`;
    return {
      namespace: `${namespace}${markup}`,
      name: `${kind}-${(pod * 7919).toString(16).padStart(5, '0')}-x${pod}${markup}`,
      uid: `00000000-0000-4000-8000-${String(pod).padStart(12, '0')}`,
      cgroupPath,
      counters: [],
      ...(pod === 1 ? { why: 'container app: first' } : {}),
      containers: Array.from({ length: members }, (_, index) =>
        this.#container(`${cgroupPath}/cri-containerd-`, first + index, pod, index, markup, lastSeconds),
      ),
    };
  }

  #container(
    prefix: string,
    serial: number,
    pod: number,
    index: number,
    markup: string,
    lastSeconds: number,
  ): ContainerState {
    const containerId = serial.toString(16).padStart(64, 'c');
    const cgroupPath = `${prefix}${containerId}.scope`;
    // A few do most of the work, many next to nothing.
    const nanocores = serial % 17 === 0 ? 400e6 + serial * 1e6 : serial % 3 === 0 ? 1e6 : 12e6 + serial * 2e5;
    const usage = this.#usage(serial, nanocores, (1 + (serial % 40)) * 13 * 2 ** 20, lastSeconds);
    const { rate, pushed, ...unrated } = usage;
    const counters = usage.counters.slice(-1);
    return {
      name: `${['app', 'envoy', 'log-shipper'][index] ?? 'app'}${markup}`,
      containerId,
      cgroupPath,
      restartCount: serial % 29 === 0 ? 3 : 0,
      startedAt: atTime(-3600),
      ...(pod === 1 && index === 0 ? { ...unrated, counters, why: 'first' } : usage),
      // As the agent does: read every 15 s, and left out of events in between.
      ...(lastSeconds > 1 || this.#tick % 15 === 0 ? { signals: signals(serial) } : {}),
    };
  }

  #usage(serial: number, nanocores: number, bytes: number, lastSeconds: number) {
    const counters: CounterPoint[] = [];
    for (let second = Math.max(0, this.#tick - lastSeconds + 1); second <= this.#tick; second += 1) {
      counters.push(this.#reading(serial, nanocores, bytes, second));
    }
    const latest = this.#reading(serial, nanocores, bytes, this.#tick);
    const before = this.#reading(serial, nanocores, bytes, this.#tick - 10);
    const cpuNanocores = Math.round(((latest.cpuUsageUsec ?? 0) - (before.cpuUsageUsec ?? 0)) * 100);
    const rate = { cpuNanocores, windowUsec: 10_000_000 };
    const memoryWorkingSetBytes = latest.memoryWorkingSetBytes ?? 0;
    return { counters, rate, pushed: { ...rate, memoryWorkingSetBytes, swapBytes: 0 } };
  }

  #reading(serial: number, nanocores: number, bytes: number, second: number): CounterPoint {
    const wave = 6 * Math.sin((second + serial * 5) / 7);
    const cpuUsageUsec = Math.round((nanocores / 1000) * (second + 3600 + wave));
    const memory = Math.round((bytes * (10 + Math.sin((second + serial) / 11))) / 4096 / 10) * 4096;
    return { at: atTime(second), cpuUsageUsec, memoryWorkingSetBytes: memory, swapBytes: 0 };
  }
}

/** With what the kernel files hold. */
export function withKernelFiles(container: ContainerState): ContainerState {
  const { cpuUsageUsec = 0, memoryWorkingSetBytes = 0, at } = container.counters.at(-1) ?? { at: atTime(0) };
  const file = (name: string, text: string) => ({
    path: `/host/sys/fs/cgroup/${container.cgroupPath}/${name}`,
    readAt: at,
    readFor: 'tick' as const,
    text,
  });
  return {
    ...container,
    kernelFiles: [
      file('cpu.stat', `usage_usec ${cpuUsageUsec}\nuser_usec ${cpuUsageUsec}\nsystem_usec 0\n`),
      file('memory.current', `${memoryWorkingSetBytes + 4096}\n`),
      file('memory.stat', `anon ${memoryWorkingSetBytes}\nfile 8192\ninactive_file 4096\n`),
    ],
  };
}

function atTime(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12) + second * 1000).toISOString();
}

function signals(serial: number): NonNullable<ContainerState['signals']> {
  const ok = <T>(value: T): Signal<T> => ({ status: 'ok', value });
  const missing = { status: 'absent', why: 'needs kernel 6.5' } as const;
  const throttledPeriods = serial % 11 === 0 ? 18 : 0;
  const line = (avg10: number) => ({ avg10, avg60: avg10 / 2, avg300: 0, totalUsec: 1 });
  const pressure = (avg10: number) => ok({ some: line(avg10), full: line(avg10 / 3) });
  return {
    readAt: atTime(0),
    readAtUsec: 0,
    tookUsec: 40,
    throttlingCgroupPath: '',
    recentThrottling: {
      overUsec: 15_000_000,
      periods: 150,
      throttledPeriods,
      throttledUsec: throttledPeriods * 9_000,
    },
    cpuLimit: ok({ quotaUsec: 50_000, periodUsec: 100_000, cores: 0.5 }),
    cpuWeight: ok({ kind: 'weight', value: 20 }),
    throttling: ok({ periods: 4_000, throttledPeriods: throttledPeriods * 20, throttledUsec: 1_000_000 }),
    cpuPressure: pressure(serial % 13 === 0 ? 34.5 : 0),
    memoryPressure: pressure(0),
    ioPressure: pressure(serial % 23 === 0 ? 3.2 : 0),
    memoryLimitBytes: ok(2 ** 29),
    memoryHighBytes: ok('max'),
    memoryLowBytes: ok(0),
    memoryMinBytes: ok(0),
    memoryPeakBytes: ok(2 ** 28),
    oomKills: ok(serial % 31 === 0 ? 1 : 0),
    memoryLimitHits: ok(0),
    anonBytes: ok(2 ** 27),
    fileBytes: ok(2 ** 26),
    inactiveFileBytes: ok(2 ** 25),
    shmemBytes: ok(0),
    slabBytes: ok(2 ** 20),
    kernelBytes: ok(2 ** 21),
    swapBytes: ok(0),
    swapLimitBytes: ok('max'),
    swapPeakBytes: missing,
    memoryAndSwapLimitBytes: missing,
    pids: ok(12),
    pidsLimit: ok(4096),
    pidsPeak: missing,
    io: ok([{ device: '8:0', readBytes: 2 ** 22, writtenBytes: 2 ** 20, reads: 100, writes: 20 }]),
  };
}
