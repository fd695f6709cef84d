import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { install, isInstalled, uninstall, untilPodsAreGone } from './install.ts';
import { measured } from './observe/measured.ts';
import { rowsOf, runningContainers } from './observe/running-containers.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const versions = ['v1', 'v1beta1'] as const;
const caSeconds = 15;
const numbersSeconds = 60;
const mostInstalls = 3;

describeOnCluster('helm install without flags', (cluster) => {
  const secondsTo = { ca: 0, numbers: 0 };

  /** Installs where nothing of tacho is left, and takes the times. */
  async function installAnew(): Promise<void> {
    if (await isInstalled(cluster)) await uninstall(cluster);
    // Pods that still end would drive the new ones to other nodes.
    await untilPodsAreGone(cluster);
    const startMs = performance.now();
    const elapsed = () => (performance.now() - startMs) / 1000;
    const installing = install(cluster);
    const ca = until('the CA in the ConfigMap', 120, async () => (await publishedCa()) !== '').then(() => {
      secondsTo.ca = elapsed();
    });
    const numbers = until('numbers of everything', 180, isComplete, 500).then(() => {
      secondsTo.numbers = elapsed();
    });
    await Promise.all([installing, ca, numbers]);
    measured(
      `CA published after ${secondsTo.ca.toFixed(1)} s, kubectl top complete after ${secondsTo.numbers.toFixed(1)} s`,
    );
  }

  beforeAll(async () => {
    // On an emulated node a container starts in 12 s instead of one; with bad luck both replicas land on such.
    for (let tries = 0; tries < mostInstalls; tries += 1) {
      await installAnew();
      if (secondsTo.ca <= caSeconds && secondsTo.numbers <= numbersSeconds) break;
    }
  });

  const publishedCa = () =>
    cluster.kubectl([
      '-n',
      'kube-system',
      'get',
      'configmap',
      'tacho-aggregator-ca',
      '-o',
      'jsonpath={.data.ca\\.crt}',
    ]);

  async function isComplete(): Promise<boolean> {
    const nodes = rowsOf(await cluster.kubectl(['top', 'nodes']));
    const known = nodes.map(([name]) => name).sort();
    if (JSON.stringify(known) !== JSON.stringify(cluster.nodes.map(({ name }) => name).sort())) return false;
    if (nodes.flat().includes('<unknown>')) return false;
    const shown = rowsOf(await cluster.kubectl(['top', 'pods', '-A', '--containers'])).map((row) =>
      row.slice(0, 3).join(' '),
    );
    const running = await runningContainers(cluster);
    // At least the two replicas and an agent for each node.
    return running.length >= cluster.nodes.length + 2 && running.every((each) => shown.includes(each));
  }

  test('the CA is in the ConfigMap within 15 s', () => {
    expect(secondsTo.ca).toBeLessThanOrEqual(caSeconds);
  });

  test('kubectl top nodes and kubectl top pods -A --containers are complete within 60 s', () => {
    expect(secondsTo.numbers).toBeLessThanOrEqual(numbersSeconds);
  });

  test.each(versions)(
    'APIService %s is available with the published CA, which is verified',
    async (version) => {
      const { value: service } = await until('Available=True', 60, async () => {
        const object = JSON.parse(
          await cluster.kubectl(['get', 'apiservice', `${version}.metrics.k8s.io`, '-o', 'json']),
        ) as {
          spec: { caBundle?: string; insecureSkipTLSVerify?: boolean };
          status?: { conditions?: { type: string; status: string }[] };
        };
        const available = object.status?.conditions?.find(({ type }) => type === 'Available');
        return available?.status === 'True' && object;
      });
      expect(service.spec.insecureSkipTLSVerify).not.toBe(true);
      const bundle = Buffer.from(service.spec.caBundle ?? '', 'base64').toString('utf8');
      expect(bundle.trim()).toBe((await publishedCa()).trim());
      expect(new X509Certificate(bundle).ca).toBe(true);
    },
  );

  test('kubectl 1.37 reads v1, kubectl 1.36 v1beta1, and both print the same', async () => {
    const asked = (log: string) => /\/apis\/metrics\.k8s\.io\/(v1\w*)\/\w+/.exec(log)?.[1];
    const args = [
      ['top', 'nodes'],
      ['top', 'pods', '-A', '--containers'],
    ];
    for (const each of args) {
      const outputs = async () => {
        const both = await Promise.all([
          cluster.run([cluster.kubectlPath, ...each, '-v=6']),
          cluster.run([cluster.kubectl136Path, ...each, '-v=6']),
        ]);
        expect(both.map(({ code }) => code)).toEqual([0, 0]);
        expect(both.map(({ stderr }) => asked(stderr))).toEqual(['v1', 'v1beta1']);
        return both.map(({ stdout }) => stdout);
      };
      await outputs();
      // Between two calls a report may come: then once more.
      await until(`the same from both: kubectl ${each.join(' ')}`, 60, async () => {
        const [newer, older] = await outputs();
        return newer === older;
      });
    }
  });
});
