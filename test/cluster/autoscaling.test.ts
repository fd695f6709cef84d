import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { autoscaledNamespace, scaledOnCpu, scaledOnMemory } from './manifests/autoscaled.ts';
import { measured } from './observe/measured.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const inNamespace = ['-n', autoscaledNamespace];

describeOnCluster('a HorizontalPodAutoscaler', (cluster) => {
  const deploymentOf = async (name: string) => {
    const path = `/apis/apps/v1/namespaces/${autoscaledNamespace}/deployments/${name}`;
    const { body } = await cluster.api.get(path);
    return JSON.parse(body) as { spec: { replicas: number }; status: { readyReplicas?: number } };
  };
  /** The autoscaler has had numbers: its status shows the current value. */
  const hasValue = async (name: string) => {
    const text = await cluster.kubectl([...inNamespace, 'get', 'hpa', name, '-o', 'json']);
    const { status } = JSON.parse(text) as {
      status?: { currentMetrics?: unknown[]; conditions?: { type: string; status: string }[] };
    };
    const active = status?.conditions?.find(({ type }) => type === 'ScalingActive');
    return active?.status === 'True' && (status?.currentMetrics?.length ?? 0) > 0;
  };
  const running = async (app: string) => {
    const text = await cluster.kubectl([
      ...[...inNamespace, 'get', 'pods', '-l', `app=${app}`, '--field-selector=status.phase=Running'],
      ...['-o', 'jsonpath={.items[*].metadata.name}'],
    ]);
    return text.split(' ').filter((name) => name !== '');
  };

  const removeNamespace = () =>
    cluster.kubectl([
      ...['delete', 'namespace', autoscaledNamespace],
      ...['--ignore-not-found', '--wait=true', '--timeout=60s'],
    ]);
  afterAll(removeNamespace);

  describe.each(['5s', '1s'])('at a period of %s', (metricResolution) => {
    beforeAll(async () => {
      await ensureInstalled(cluster, { metricResolution });
      await removeNamespace();
      await cluster.kubectl(['create', 'namespace', autoscaledNamespace]);
      await cluster.apply([...scaledOnCpu(cluster), ...scaledOnMemory(cluster)]);
      for (const name of ['busy', 'holder'])
        await until(`the autoscaler of ${name} has a value`, 120, () => hasValue(name), 500);
    });

    test.concurrent('on CPU scales out when a load starts and in when it ends', async () => {
      expect((await deploymentOf('busy')).spec.replicas).toBe(1);
      await cluster.kubectl([...inNamespace, 'scale', 'deployment/load', '--replicas=1']);
      await until(
        'the autoscaler asks for more',
        120,
        async () => (await deploymentOf('busy')).spec.replicas > 1,
      );
      const decidedMs = Date.now();
      await until('another replica runs', 60, async () => (await running('busy')).length > 1);
      const runsMs = Date.now();
      const [load = ''] = await running('load');
      const log = await cluster.kubectl([...inNamespace, 'logs', load, '--timestamps']);
      const loadMs = Date.parse(log.split(' ')[0] ?? '');
      await cluster.kubectl([...inNamespace, 'scale', 'deployment/load', '--replicas=0']);
      const endedMs = Date.now();
      await until(
        'the autoscaler asks for one',
        120,
        async () => (await deploymentOf('busy')).spec.replicas === 1,
      );
      measured(
        `period ${metricResolution}: scaled out ${((decidedMs - loadMs) / 1000).toFixed(1)} s after the load began, ` +
          `the new replica ran after ${((runsMs - loadMs) / 1000).toFixed(1)} s; scaled in ${((Date.now() - endedMs) / 1000).toFixed(1)} s after its end`,
      );
      await until('one replica is left', 60, async () => (await running('busy')).length === 1);
    });

    test.concurrent('on one container’s memory scales out and in', async () => {
      const [first = ''] = await running('holder');
      const inFirst = [...inNamespace, 'exec', first, '--'];
      await cluster.kubectl([...inFirst, 'dd', 'if=/dev/zero', 'of=/memory/held', 'bs=1M', 'count=40']);
      await until(
        'the autoscaler asks for more',
        120,
        async () => (await deploymentOf('holder')).spec.replicas > 1,
      );
      await until('another replica runs', 60, async () => (await running('holder')).length > 1);
      await cluster.kubectl([...inFirst, 'rm', '/memory/held']);
      await until(
        'the autoscaler asks for one',
        120,
        async () => (await deploymentOf('holder')).spec.replicas === 1,
      );
    });
  });
});
