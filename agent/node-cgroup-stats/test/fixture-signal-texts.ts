const pressure = (avg10: string, total: number) =>
  `some avg10=${avg10} avg60=6.44 avg300=8.94 total=${total}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;

/** The files of one v2 cgroup, by name. */
export const signalTexts = {
  'cpu.stat':
    'usage_usec 126525473\nuser_usec 82212448\nsystem_usec 44313024\nnr_periods 120\nnr_throttled 118\n' +
    'throttled_usec 8840000\nnr_bursts 2\nburst_usec 7\n',
  'cpu.max': '25000 100000\n',
  'cpu.weight': '39\n',
  'cpu.pressure': pressure('3.55', 10_707_049_747),
  'memory.pressure': pressure('0.01', 12),
  'io.pressure': pressure('100.00', 5),
  'memory.max': '134217728\n',
  'memory.high': 'max\n',
  'memory.low': '0\n',
  'memory.min': '4096\n',
  'memory.peak': '134000640\n',
  'memory.events': 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 3\noom_group_kill 0\n',
  'memory.stat':
    'anon 190619648\nfile 437133312\nkernel 31457280\nshmem 8998912\ninactive_anon 182091776\n' +
    'inactive_file 148209664\nslab_reclaimable 1\nslab 21823488\n',
  'memory.swap.current': '0\n',
  'memory.swap.max': '1048576\n',
  'memory.swap.peak': '8192\n',
  'pids.current': '7\n',
  'pids.max': 'max\n',
  'pids.peak': '9\n',
  'io.stat': '8:0 rbytes=90112 wbytes=4096 rios=12 wios=1 dbytes=0 dios=0\n8:16 cost.vrate=100.00\n',
} as const;

export const blkioText = (read: number, write: number) =>
  `8:0 Read ${read}\n8:0 Write ${write}\n8:0 Sync ${read + write}\n8:0 Async 0\n8:0 Discard 0\n` +
  `8:0 Total ${read + write}\nTotal ${read + write}\n`;

/** The files of one v1 cgroup, by `hierarchy/path/name`. */
export function signalTextsV1(path: string): Readonly<Record<string, string>> {
  const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    memory: {
      'memory.stat':
        'cache 1\nrss 2\nshmem 3\nswap 4\ninactive_file 5\ntotal_cache 437133312\ntotal_rss 190619648\n' +
        'total_shmem 8998912\ntotal_swap 45056\ntotal_inactive_file 148209664\n',
      'memory.kmem.usage_in_bytes': '31457280\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      'memory.failcnt': '10\n',
      'memory.memsw.failcnt': '2\n',
      'memory.limit_in_bytes': '134217728\n',
      'memory.memsw.limit_in_bytes': '9223372036854771712\n',
      'memory.max_usage_in_bytes': '134000640\n',
    },
    cpu: {
      'cpu.stat': 'nr_periods 120\nnr_throttled 118\nthrottled_time 8840000001\nnr_bursts 0\nburst_time 0\n',
      'cpu.cfs_quota_us': '25000\n',
      'cpu.cfs_period_us': '100000\n',
      'cpu.shares': '1024\n',
    },
    pids: { 'pids.current': '7\n', 'pids.max': 'max\n', 'pids.peak': '9\n' },
    blkio: {
      'blkio.throttle.io_service_bytes_recursive': blkioText(90_112, 4096),
      'blkio.throttle.io_serviced_recursive': blkioText(12, 1),
    },
    unified: {
      'cpu.pressure': signalTexts['cpu.pressure'],
      'memory.pressure': signalTexts['memory.pressure'],
      'io.pressure': signalTexts['io.pressure'],
    },
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([hierarchy, files]) =>
      Object.entries(files).map(([name, text]) => [`${hierarchy}/${path}/${name}`, text]),
    ),
  );
}
