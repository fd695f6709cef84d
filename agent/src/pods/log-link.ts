/** What the kubelet's link to a container's log says of the container. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** The target's path adds the pod's UID and how often the container was restarted. */
export interface LogTarget extends ContainerName {
  readonly podUid: string;
  readonly restartCount: number;
}

/** What is left of the container ID in a link's name: all 64 digits, or the first of them, even none. */
export interface LinkedId {
  readonly digits: string;
  readonly isWhole: boolean;
}

// Kubernetes names hold no underscore, so the parts cannot be confused.
const target = /(?:^|\/)([^_/]+)_([^_/]+)_([^_/]+)\/([^_/]+)\/(\d{1,9})\.log$/;

/** A file name's longest, with its ending; the kubelet cuts what comes before the ending. */
const longestName = 255;
const ending = '.log';

/** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<restart count>.log`, what such a link points to. */
export function parseLogTarget(path: string): LogTarget | undefined {
  const [, namespace, pod, podUid, container, restarts] = target.exec(path) ?? [];
  if (namespace === undefined || pod === undefined || podUid === undefined || container === undefined)
    return undefined;
  return { namespace, pod, podUid, container, restartCount: Number(restarts) };
}

/**
 * The container ID in `<pod>_<namespace>_<container>-<container ID>.log`, a name in /var/log/containers, cut at 255
 * characters by the kubelet.
 * @param of what the link's target says
 * @returns undefined when the name is not that of a link to this target
 */
export function linkedContainerId(link: string, of: ContainerName): LinkedId | undefined {
  if (!link.endsWith(ending) || link.length > longestName) return undefined;
  const name = link.slice(0, -ending.length);
  const beforeId = `${of.pod}_${of.namespace}_${of.container}-`;
  const mayBeCut = link.length === longestName;
  if (!name.startsWith(beforeId)) {
    return mayBeCut && beforeId.startsWith(name) ? { digits: '', isWhole: false } : undefined;
  }
  const digits = name.slice(beforeId.length);
  if (!/^[0-9a-f]*$/.test(digits)) return undefined;
  if (digits.length === 64) return { digits, isWhole: true };
  return mayBeCut && digits.length < 64 ? { digits, isWhole: false } : undefined;
}
