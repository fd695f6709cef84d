import type { ContainerCgroup } from './kubepods-tree.ts';
import type { LogTarget } from './log-link.ts';

/** A link whose name was cut at 255 characters, and with it the container ID. */
export interface CutLink {
  /** Its name. */
  readonly link: string;
  /** The first digits of the container ID; perhaps none. */
  readonly digits: string;
  /** Its target, which nobody has cut. */
  readonly of: LogTarget;
  /** Wall clock. */
  readonly linkedAtMs: number;
}

/**
 * As many digits as are needed: 1 in 4 billion that another container of the same pod, or its sandbox, begins alike. With
 * fewer, the sandbox of a pod whose container has ended might pass for that container.
 */
const leastDigits = 8;

/**
 * The container IDs of cut links, where they are certain: at least eight digits are left, exactly one cgroup of the
 * link's pod begins with them, and no other link of that pod claims it.
 * @param unnamed cgroups that no whole link names
 */
export function certainMatches(
  links: readonly CutLink[],
  unnamed: readonly ContainerCgroup[],
): ReadonlyMap<CutLink, string> {
  const claims = new Map<string, CutLink[]>();
  for (const link of links) {
    if (link.digits.length < leastDigits) continue;
    const fitting = unnamed.filter(
      ({ podUid, containerId }) => podUid === link.of.podUid && containerId.startsWith(link.digits),
    );
    const [only] = fitting;
    if (only === undefined || fitting.length > 1) continue;
    claims.set(only.containerId, [...(claims.get(only.containerId) ?? []), link]);
  }
  const matches = new Map<CutLink, string>();
  for (const [containerId, [link, ...others]] of claims)
    if (link !== undefined && others.length === 0) matches.set(link, containerId);
  return matches;
}
