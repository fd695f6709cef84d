/*
 * /proc/PID/mountinfo, proc_pid_mountinfo(5); fields 1, 4 and 5, then after the " - " the file system's type and the
 * super options, where cgroup v1 names its controllers:
 *
 *   32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
 *   41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
 */

export interface Mount {
  readonly mountPoint: string;
  readonly filesystemType: string;
  readonly superOptions: readonly string[];
}

export interface Mountinfo {
  /** In the file's order: a later mount on the same mount point hides the earlier one. */
  readonly mounts: readonly Mount[];
  readonly malformedLines: number;
}

export function parseMountinfo(text: string): Mountinfo {
  const mounts: Mount[] = [];
  let malformedLines = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const mount = parseLine(line);
    if (mount === undefined) malformedLines += 1;
    else mounts.push(mount);
  }
  return { mounts, malformedLines };
}

function parseLine(line: string): Mount | undefined {
  const fields = line.split(' ');
  // Optional fields such as shared:9 stand between the sixth field and the separator.
  const separator = fields.indexOf('-', 6);
  const mountPoint = fields[4];
  const filesystemType = fields[separator + 1];
  const superOptions = fields[separator + 3];
  if (separator === -1 || !mountPoint?.startsWith('/') || !filesystemType || superOptions === undefined) {
    return undefined;
  }
  return { mountPoint: decodeOctal(mountPoint), filesystemType, superOptions: superOptions.split(',') };
}

/** The kernel writes space, tab, newline and backslash as \040, \011, \012 and \134. */
function decodeOctal(field: string): string {
  return field.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
