import { skipReason } from '../skip-reason.ts';
import { startWorkloads } from '../stand-ins/kubelet/workloads.ts';

/** Why this user may not make cgroups here, also told on standard output; undefined where all is well. */
export async function cgroupRefusal(file: string): Promise<string | undefined> {
  const probe = await startWorkloads({ pods: [] });
  if (probe.kind === 'running') {
    await probe.close();
    return undefined;
  }
  process.stdout.write(`${file} is skipped: ${probe.reason}\n`);
  return skipReason(probe.reason);
}
