import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { limitCores, recommendedNamespace, recommendedObjects } from './manifests/recommended.ts';
import { measured } from './observe/measured.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { type Recommender, recommenderProgram } from './rig/peer-programs.ts';
import { describeOnCluster } from './shared-cluster.ts';

const program = 'vpa-recommender';
const kinds = ['verticalpodautoscalers', 'verticalpodautoscalercheckpoints'];
const definitions = kinds.map((kind) => `customresourcedefinition/${kind}.autoscaling.k8s.io`);
/** The recommender adds this to what it has seen; its histogram has steps of five percent. */
const margin = 1.15;
/** Samples that the recommender has seen before it is judged: one each 5 s. */
const fewestSamples = 8;

interface Recommendation {
  readonly containerName: string;
  readonly target: { readonly cpu: string; readonly memory: string };
}

describeOnCluster('a VerticalPodAutoscaler', (cluster) => {
  const { programs } = cluster;
  if (programs === undefined) {
    test.skip('the recommender runs beside the control plane: only on a cluster that was made here');
    return;
  }
  let recommender: Recommender;

  beforeAll(async () => {
    await ensureInstalled(cluster);
    const log = (line: string) => void process.stdout.write(`${line}\n`);
    recommender = await recommenderProgram(log, new AbortController().signal);
    await cluster.kubectl(['apply', '--server-side', '-f', recommender.resourceDefinitions]);
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...definitions]);
    // Discovery tells of a kind some time after it is established.
    await until('the kinds can be applied', 60, () => cluster.apply(recommendedObjects(cluster)));
  });

  afterAll(async () => {
    await programs.stop(program);
    await cluster.kubectl(['delete', '--ignore-not-found', '--timeout=60s', ...definitions]);
    await cluster.kubectl([
      ...['delete', 'namespace', recommendedNamespace],
      ...['--ignore-not-found', '--wait=true', '--timeout=60s'],
    ]);
  });

  const recommendation = async (): Promise<Recommendation | undefined> => {
    if (!programs.isRunning(program))
      throw new Error(`the recommender has ended:\n${programs.tail(program)}`);
    const path = `/apis/autoscaling.k8s.io/v1/namespaces/${recommendedNamespace}/verticalpodautoscalers/busy`;
    const { body } = await cluster.api.get(path);
    const { status } = JSON.parse(body) as {
      status?: { recommendation?: { containerRecommendations?: Recommendation[] } };
    };
    return status?.recommendation?.containerRecommendations?.find(
      ({ containerName }) => containerName === 'main',
    );
  };

  test('gets a recommendation of what its workload burns', async () => {
    const seenCores = new Map<string, number>();
    const look = async () => {
      for (const { timestamp, containers } of await listMetrics(
        cluster,
        `namespaces/${recommendedNamespace}/pods`,
      ))
        seenCores.set(timestamp, cores(containers?.[0]?.usage['cpu'] ?? ''));
    };
    await until('usage of the busy pod', 60, async () => {
      await look();
      return [...seenCores.values()].some((used) => used > limitCores / 4);
    });
    // What the container did before it was at its limit is not what it burns.
    seenCores.clear();
    const startMs = performance.now();
    await programs.start(program, [
      recommender.program,
      ...[`--kubeconfig=${cluster.kubeconfig}`, '--recommender-interval=5s', '--memory-saver'],
      '--storage=checkpoint',
    ]);
    await until('a recommendation', 120, recommendation);
    const firstMs = performance.now();
    await until('samples', 90, async () => {
      await look();
      return seenCores.size >= fewestSamples;
    });
    const found = await until('a recommendation', 10, recommendation);
    const targetCores = cores(found.value.target.cpu);
    const used = [...seenCores.values()];
    measured(
      `recommended ${targetCores} cores (${found.value.target.memory} bytes of memory) for a container that used ` +
        `${Math.min(...used).toFixed(3)} to ${Math.max(...used).toFixed(3)}; first said after ${((firstMs - startMs) / 1000).toFixed(0)} s`,
    );
    expect(targetCores).toBeGreaterThan(Math.min(...used) * 0.9);
    expect(targetCores).toBeLessThan(Math.max(...used) * margin * 1.2);
  });
});

/** Cores of a quantity as both metrics and recommendations have them. */
function cores(quantity: string): number {
  const [, digits = '', suffix = ''] = /^(\d+)([num]?)$/.exec(quantity) ?? [];
  if (digits === '')
    throw new Error(`reading a CPU quantity: expected digits and n, u, m or nothing, found "${quantity}"`);
  const parts: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3 };
  return Number(digits) * (parts[suffix] ?? 1);
}
