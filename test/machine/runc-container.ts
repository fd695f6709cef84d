import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PodTemplate } from '../chart/pod-template.ts';

/** A folder of this machine in a container, read-only with all that is mounted below it. */
export interface RuncMount {
  readonly source: string;
  readonly destination: string;
}

export interface RuncContainer extends AsyncDisposable {
  /** Milliseconds from its start to the first line of its output that contains `words`. @throws when it ends before */
  saidAfterMs(words: string): Promise<number>;
  /** All lines until now. */
  readonly lines: readonly string[];
}

interface SecurityContext {
  readonly runAsUser: number;
  readonly runAsGroup: number;
  readonly seccompProfile: { readonly type: string };
  readonly allowPrivilegeEscalation: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly capabilities: { readonly drop: readonly string[] };
}

/**
 * What RuntimeDefault refuses to those without capabilities: the list in Docker's documentation of its profile, which
 * containerd's follows, and io_uring.
 */
const refused = `acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module get_mempolicy init_module
  io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount
  move_pages nfsservctl open_by_handle_at perf_event_open pivot_root process_vm_readv process_vm_writev quotactl reboot
  request_key set_mempolicy setns settimeofday swapoff swapon sysfs umount2 unshare uselib userfaultfd ustat vhangup`;

/** Runs a container as a runtime would for a pod of the chart: its user, capabilities, root and system calls. */
export function runContainer(options: {
  readonly name: string;
  /** For its files; there may be several containers in it. */
  readonly folder: string;
  readonly root: string;
  readonly pod: PodTemplate['spec'];
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts: readonly RuncMount[];
}): RuncContainer {
  const { name, folder, root, pod, args, env = {}, mounts } = options;
  const [container] = pod.containers;
  const security = {
    ...(pod.securityContext as object),
    ...(container.securityContext as object),
  } as SecurityContext;
  if (security.capabilities.drop.join() !== 'ALL' || security.seccompProfile.type !== 'RuntimeDefault')
    throw new Error(
      `${name}: expected no capabilities and RuntimeDefault, found ${JSON.stringify(security)}`,
    );
  const bundle = join(folder, name);
  mkdirSync(bundle);
  const spec = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: security.runAsUser, gid: security.runAsGroup },
      args: [...container.command, ...args],
      env: [
        'PATH=/usr/local/bin',
        'NODE_ENV=production',
        ...Object.entries(env).map((each) => each.join('=')),
      ],
      cwd: '/',
      capabilities: {},
      noNewPrivileges: !security.allowPrivilegeEscalation,
    },
    root: { path: root, readonly: security.readOnlyRootFilesystem },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      ...mounts.map(({ source, destination }) => ({
        ...{ source, destination, type: 'bind', options: ['rbind', 'rro', 'nosuid', 'nodev', 'noexec'] },
      })),
    ],
    linux: {
      cgroupsPath: `/${name}`,
      // The network is this machine's: that is where the other program is.
      namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: refused.split(/\s+/), action: 'SCMP_ACT_ERRNO' }],
      },
    },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
  const runc = ['--root', join(folder, 'runc')];
  const lines: string[] = [];
  const at: number[] = [];
  const startMs = performance.now();
  const child = spawn('runc', [...runc, 'run', '--bundle', bundle, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      at.push(performance.now() - startMs);
      for (const listener of listeners) listener();
    });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  child.once('close', () => {
    end();
    for (const listener of listeners) listener();
  });
  return {
    lines,
    saidAfterMs: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.findIndex((line) => line.includes(words));
          if (found === -1 && child.exitCode === null) return;
          listeners.delete(look);
          if (found === -1)
            reject(new Error(`${name} ended without saying "${words}":\n${lines.join('\n')}`));
          else resolve(at[found] ?? 0);
        };
        listeners.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) spawnSync('runc', [...runc, 'kill', name, 'TERM']);
      const late = setTimeout(() => spawnSync('runc', [...runc, 'kill', name, 'KILL']), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}
