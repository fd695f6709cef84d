/**
 * `npm run check:recordings`: runs every recorded command in front of a real metrics-server, prints what came out where it is not
 * what is recorded, in the form of a row, and ends with 1 then. It needs Go, to build metrics-server; a few minutes.
 */
import { isDeepStrictEqual } from 'node:util';
import { metricsServerProgram } from '../cluster/rig/peer-programs.ts';
import { whyNoDebianKubectl } from '../kubectl/debian-kubectl.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import type { KubectlVersion } from '../kubectl/kubectl-binary.ts';
import { startMetricsServerCluster } from './metrics-server-cluster.ts';
import { comparable, editor, formatRow, recordedCommands, wordsOf } from './recording.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);
const { signal } = new AbortController();

await using cluster = await startMetricsServerCluster(await metricsServerProgram(say, signal));
const withoutDebian = await whyNoDebianKubectl();
if (withoutDebian !== undefined) say(`left out: ${withoutDebian}`);
const versions: readonly KubectlVersion[] = ['1.36', '1.32', ...(withoutDebian ? [] : (['1.20'] as const))];

for (const version of versions) {
  const rows = recordedCommands(version);
  let different = 0;
  for (const recorded of rows) {
    const outcome = await runKubectl(version, wordsOf(recorded.command), {
      kubeconfig: cluster.kubeconfig,
      signal: AbortSignal.timeout(60_000),
      env: editor,
    });
    const found = comparable(recorded.command, outcome);
    if (isDeepStrictEqual(found, recorded)) continue;
    different += 1;
    process.stdout.write(`${formatRow(found)}\n`);
  }
  say(`kubectl ${version}: ${rows.length - different} of ${rows.length} rows are as recorded`);
  if (different > 0) process.exitCode = 1;
}
