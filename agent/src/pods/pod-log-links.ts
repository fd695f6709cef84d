import { readdirSync } from 'node:fs';

/** Whether the kubelet has linked a log of this pod, of a container that runs or of one that has ended. */
export function hasLogLink(directory: string, namespace: string, pod: string): boolean {
  try {
    // No name in Kubernetes has an underscore, so a prefix cannot be another pod's.
    return readdirSync(directory).some((link) => link.startsWith(`${pod}_${namespace}_`));
  } catch {
    return false;
  }
}
