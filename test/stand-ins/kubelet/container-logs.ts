import { chmodSync, mkdirSync, openSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ContainerLogName, logLinkName, logTarget, podLogFolder } from './container-log-path.ts';

/** The two folders that a node has below /var/log, here below a folder of the run's own. */
export interface ContainerLogs {
  /** What a node has as /var/log/containers. */
  readonly containersDir: string;
  /** Opens the log file for the container's output; the caller closes the descriptor. */
  open(name: ContainerLogName): number;
  link(name: ContainerLogName): void;
  unlink(name: ContainerLogName): void;
  /** Removes the pod's logs and every link to them. */
  removePod(name: Pick<ContainerLogName, 'namespace' | 'pod' | 'uid'>): void;
}

export function createContainerLogs(logDir: string): ContainerLogs {
  const containersDir = join(logDir, 'containers');
  const podsDir = join(logDir, 'pods');
  mkdirSync(containersDir, { recursive: true });
  mkdirSync(podsDir);
  // As on a node: everybody sees the links, only root what they lead to. chmod, because the umask may be strict.
  for (const dir of [logDir, containersDir]) chmodSync(dir, 0o755);
  chmodSync(podsDir, 0o750);
  const targetOf = (name: ContainerLogName) => join(podsDir, logTarget(name));
  const linkOf = (name: ContainerLogName) => join(containersDir, logLinkName(name));
  return {
    containersDir,
    open(name) {
      mkdirSync(dirname(targetOf(name)), { recursive: true });
      return openSync(targetOf(name), 'a', 0o640);
    },
    link: (name) => symlinkSync(targetOf(name), linkOf(name)),
    unlink: (name) => rmSync(linkOf(name), { force: true }),
    removePod(name) {
      const folder = join(podsDir, podLogFolder(name));
      for (const link of readdirSync(containersDir)) {
        if (readlinkSync(join(containersDir, link)).startsWith(`${folder}/`))
          rmSync(join(containersDir, link));
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
