/** Which container a log belongs to; `restartCount` counts from 0. */
export interface ContainerLogName {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly id: string;
  readonly restartCount: number;
}

/** The longest file name of Linux; the kubelet cuts the end of the container ID to stay within it. */
const NAME_LENGTH_MAX = 255;
const SUFFIX = '.log';

/** Name of the link in /var/log/containers (kubelet, kuberuntime/legacy.go). */
export function logLinkName({ pod, namespace, container, id }: ContainerLogName): string {
  const name = `${pod}_${namespace}_${container}-${id}`;
  return name.slice(0, NAME_LENGTH_MAX - SUFFIX.length) + SUFFIX;
}

/** Folder of a pod's logs below /var/log/pods. */
export function podLogFolder({
  namespace,
  pod,
  uid,
}: Pick<ContainerLogName, 'namespace' | 'pod' | 'uid'>): string {
  return `${namespace}_${pod}_${uid}`;
}

/** The link's target below /var/log/pods. */
export function logTarget(name: ContainerLogName): string {
  return `${podLogFolder(name)}/${name.container}/${name.restartCount}${SUFFIX}`;
}
