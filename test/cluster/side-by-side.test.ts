import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { measured } from './observe/measured.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';
import { type Comparison, compare, haveSamePods } from './side-by-side/comparison.ts';
import { type RequestGroup, requestGroups, requestsOf } from './side-by-side/every-request.ts';
import { expectedDifferences } from './side-by-side/expected-differences.ts';
import { everyIdentity } from './side-by-side/identities.ts';
import { type Peers, startPeers } from './side-by-side/peers.ts';
import { reportOf } from './side-by-side/report.ts';
import { namespaces, runningPods, sideBySideObjects, targetsOn } from './side-by-side/workloads.ts';

const fewest = 400;

describeOnCluster('beside metrics-server', (cluster) => {
  if (cluster.programs === undefined) {
    test.skip('metrics-server runs beside the control plane: only on a cluster that was made here');
    return;
  }
  const [firstNode] = cluster.nodes;
  const comparisons = new Map<RequestGroup, Comparison>();
  let peers: Peers;

  beforeAll(async () => {
    await ensureInstalled(cluster);
    await cluster.apply(sideBySideObjects(cluster));
    peers = await startPeers(cluster, (line) => void process.stdout.write(`${line}\n`));
    const identities = await everyIdentity(cluster);
    const startMs = performance.now();
    await until('the same pods in both', 120, () => haveSamePods(peers, identities, runningPods), 1_000);
    const alikeMs = performance.now();
    for (const group of requestGroups) {
      const requests = requestsOf(group, targetsOn(firstNode?.name ?? ''), Object.keys(identities));
      comparisons.set(group, await compare(peers, identities, requests));
    }
    const asked = [...comparisons.values()].reduce((sum, comparison) => sum + comparison.asked, 0);
    expect(asked).toBeGreaterThan(fewest);
    measured(
      `both had the same pods after ${((alikeMs - startMs) / 1000).toFixed(0)} s; ` +
        `${asked} requests compared in ${((performance.now() - alikeMs) / 1000).toFixed(0)} s`,
    );
  });

  afterAll(async () => {
    await peers?.stop();
    const kinds = ['clusterrole/side-by-side-reader', 'clusterrolebinding/side-by-side-reader'];
    await cluster.kubectl(['delete', ...kinds, '--ignore-not-found']);
    await cluster.kubectl([
      ...['delete', 'namespace', ...namespaces],
      ...['--ignore-not-found', '--wait=true', '--timeout=60s'],
    ]);
  });

  test.each(requestGroups)('%s are answered as metrics-server answers them', (group) => {
    expect(reportOf(comparisons.get(group)?.unexpected ?? [])).toBe('');
  });

  test('every difference that is written down still occurs', () => {
    const met = new Set([...comparisons.values()].flatMap((comparison) => [...comparison.met.keys()]));
    const gone = expectedDifferences.filter((each) => !met.has(each) && each.onlyWhere === undefined);
    expect(gone.map(({ why }) => why)).toEqual([]);
  });
});
