import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../kernel/checks/until.ts';
import { createMetricsReader, type MetricsReader } from '../one-machine/metrics-reader.ts';
import { type OneMachine, startOneMachine } from '../one-machine/one-machine.ts';
import { demoPods } from '../stand-ins/kubelet/pod-spec.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const refusal = await cgroupRefusal('identity-api.test.ts');

describe.skipIf(refusal !== undefined)('an agent without log links, --identity=auto', () => {
  let machine: OneMachine;
  let reader: MetricsReader;
  const failures: string[] = [];
  const names = async () => (await reader.pods()).items.map(({ metadata }) => metadata.name).sort();

  beforeAll(async () => {
    machine = await startOneMachine({
      pods: demoPods(3),
      metricResolution: '1s',
      agentArgs: (kubeconfigFile) => ['--container-logs=/none', `--kubeconfig=${kubeconfigFile}`],
      onFailure: (what) => failures.push(what),
    });
    reader = createMetricsReader(machine.apiserver);
  });
  afterAll(async () => {
    reader?.close();
    await machine?.close();
    expect(failures).toEqual([]);
  });

  test('takes the API, names every pod, and the containers of one that restarts again and again', async () => {
    await machine.agent.logged('this node’s pods are known from the API');
    const all = machine.workloads?.pods.map(({ name }) => name).sort() ?? [];
    expect(all).toHaveLength(4);
    await until('every pod', async () => (await names()).join() === all.join(), 20_000);
    const restarts = () =>
      Math.max(
        ...(machine.workloads?.pods ?? []).flatMap(({ containers }) => containers.map((c) => c.restartCount)),
      );
    const before = restarts();
    await until('two restarts', () => Promise.resolve(restarts() >= before + 2), 20_000);
    await until('every pod again', async () => (await names()).join() === all.join(), 20_000);
  });

  test('follows a pod that comes and one that goes', async () => {
    const [spec] = demoPods(3);
    if (spec === undefined) throw new Error('expected a pod, found none');
    await machine.addPod({ ...spec, name: 'late' });
    await until('the new pod', async () => (await names()).includes('late'), 10_000);
    await machine.deletePod('late');
    await until('its end', async () => !(await names()).includes('late'), 10_000);
  });
});
