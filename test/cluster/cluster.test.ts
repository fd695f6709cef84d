import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const namespace = 'parts';
const sleeper = { terminationGracePeriodSeconds: 0, tolerations: [{ operator: 'Exists' }] };

describeOnCluster('the cluster', (cluster) => {
  const serve = 'mkdir /www; echo here >/www/index.html; exec httpd -f -p 8080 -h /www';
  const container = { name: 'serve', image: cluster.busybox, command: ['sh', '-c', serve] };
  const podOn = async (node: string): Promise<string> => {
    const names = await cluster.kubectl([
      ...['-n', namespace, 'get', 'pods', '-l', 'app=everywhere'],
      ...['--field-selector', `spec.nodeName=${node},status.phase=Running`],
      ...['-o', 'jsonpath={.items[*].metadata.name}'],
    ]);
    return names.split(' ')[0] ?? '';
  };

  /** Output of a command in the pod of a node. */
  const inPod = async (node: string, ...command: string[]) =>
    cluster.kubectl(['-n', namespace, 'exec', await podOn(node), '--', ...command]);

  beforeAll(async () => {
    await cluster.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'everywhere', namespace },
        spec: {
          selector: { matchLabels: { app: 'everywhere' } },
          template: {
            metadata: { labels: { app: 'everywhere' } },
            spec: { ...sleeper, containers: [container] },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'everywhere', namespace },
        spec: { selector: { app: 'everywhere' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ]);
    await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'ds/everywhere', '--timeout=100s']);
  });
  afterAll(() => cluster.kubectl(['delete', 'namespace', namespace, '--timeout=60s']));

  test('kubectl of both versions and Helm reach it', async () => {
    // Of a cluster that was made elsewhere nobody has to have built 1.37.
    const client = cluster.power === undefined ? /^Client Version: v1\.3[67]\./ : /^Client Version: v1\.37\./;
    const said = await cluster.kubectl(['version']);
    expect(said).toMatch(client);
    expect(said).toMatch(/^Server Version: v1\./m);
    expect(await cluster.kubectl136(['version'])).toContain('Client Version: v1.36.');
    expect(await cluster.helm(['version', '--short'])).toMatch(/^v4\./);
  });

  test('api reads and writes without a process', async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    expect((await cluster.api.post(path, { metadata: { name: 'written' } })).status).toBe(201);
    expect((await cluster.api.patch(`${path}/written`, { data: { a: 'b' } })).status).toBe(200);
    expect(JSON.parse((await cluster.api.get(`${path}/written`)).body)).toMatchObject({ data: { a: 'b' } });
    expect((await cluster.api.delete(`${path}/written`)).status).toBe(200);
    expect((await cluster.api.get(`${path}/written`)).status).toBe(404);
  });

  test('run() hands back what a command that fails said', async () => {
    const answer = await cluster.run([cluster.kubectlPath, 'get', 'nothing-of-this-kind']);
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    await expect(cluster.kubectl(['get', 'nothing-of-this-kind'])).rejects.toThrow(answer.stderr.trim());
  });

  describe.each(cluster.nodes.map((node) => ({ ...node })))('$name', ({ name, cgroup, driver }) => {
    test(`has cgroup ${cgroup} and the ${driver} driver`, async () => {
      const paths = await inPod(name, 'ls', '/sys/fs/cgroup');
      expect(paths.split('\n').includes('cgroup.controllers')).toBe(cgroup === 'v2');
      const { body } = await cluster.api.get(`/api/v1/nodes/${name}/proxy/configz`);
      expect(JSON.parse(body)).toMatchObject({ kubeletconfig: { cgroupDriver: driver } });
    });

    test('resolves names, and reaches kube-apiserver by the address of its Service', async () => {
      const script =
        'nslookup kubernetes.default.svc.cluster.local && nc -w 5 10.96.0.1 443 </dev/null && echo reached';
      const said = await inPod(name, 'sh', '-c', script);
      expect(said).toMatch(/10\.96\.0\.1[\s\S]*reached/);
    });

    test('reaches a Service, whichever node its answer comes from, its own too', async () => {
      const { body } = await cluster.api.get(`/api/v1/namespaces/${namespace}/services/everywhere`);
      const { clusterIP } = (JSON.parse(body) as { spec: { clusterIP: string } }).spec;
      // kube-proxy picks an answering pod by chance.
      const script = `for each in 1 2 3 4 5 6 7 8 9 10; do timeout 5 wget -q -O - http://${clusterIP}/ || exit 1; done`;
      // kube-proxy hears of a Service some time after its pods are ready.
      await until('the Service answers', 30, () =>
        inPod(name, 'timeout', '5', 'wget', '-q', '-O', '-', `http://${clusterIP}/`),
      );
      const said = await inPod(name, 'sh', '-c', script);
      expect(said.trim().split('\n')).toEqual(Array.from({ length: 10 }, () => 'here'));
    });

    test('has logs, and numbers of its kubelet', async () => {
      await until('the pod in /metrics/resource', 60, async () => {
        const { body } = await cluster.api.get(`/api/v1/nodes/${name}/proxy/metrics/resource`);
        return /container_cpu_usage_seconds_total\{container="serve",namespace="parts"/.test(body);
      });
    });

    test.skipIf(cluster.staticPods === undefined)('runs a static pod and ends it', async () => {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'fixed', namespace },
        spec: { ...sleeper, containers: [container] },
      };
      const phase = () =>
        cluster.kubectl([
          ...[
            '-n',
            namespace,
            'get',
            'pod',
            `fixed-${name}`,
            '--ignore-not-found',
            '-o',
            'jsonpath={.status.phase}',
          ],
        ]);
      await cluster.staticPods?.put(name, 'fixed.json', JSON.stringify(pod));
      await until('the static pod runs', 60, async () => (await phase()) === 'Running');
      await cluster.staticPods?.remove(name, 'fixed.json');
      await until('the static pod is gone', 60, async () => (await phase()) === '');
    });
  });
});
