import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOfPage } from '../documents/pages.ts';
import { chart, isInstalled, splitImage, uninstall } from './install.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { commandsBelow, type PageSession, pageSession } from './page-session.ts';
import { describeOnCluster } from './shared-cluster.ts';

const file = 'test/cluster/pod-security.test.ts';
const page = 'docs/install.md';
const level = 'pod-security.kubernetes.io/enforce';

describeOnCluster('a namespace with a Pod Security level', (cluster) => {
  let session: PageSession;

  beforeAll(async () => {
    session = pageSession(cluster);
    if (await isInstalled(cluster)) await uninstall(cluster);
  });
  afterAll(() => session.close());

  test.each(['baseline', 'restricted'])('of %s keeps agents out, and an event says so', async (name) => {
    const namespace = `level-${name}`;
    await cluster.kubectl(['create', 'namespace', namespace]);
    try {
      await cluster.kubectl(['label', 'namespace', namespace, `${level}=${name}`]);
      const [image, tag] = splitImage(cluster.tacho);
      const values = ['--set', `image.repository=${image}`, '--set', `image.tag=${tag}`];
      await cluster.helm(['install', 'tacho', chart, '-n', namespace, ...values]);
      const { value: event } = await until('the event at the DaemonSet', 60, async () => {
        const text = await cluster.kubectl([
          ...['-n', namespace, 'get', 'events', '--field-selector=involvedObject.name=tacho-agent'],
          ...['-o', 'jsonpath={range .items[*]}{.reason} {.message}{"\\n"}{end}'],
        ]);
        return text.split('\n').find((line) => line.startsWith('FailedCreate'));
      });
      expect(event).toContain(`violates PodSecurity "${name}:latest"`);
      // As the page quotes it for one of the levels.
      const quoted =
        /hostPath volumes \(volumes [^)]+\)/.exec(textOfPage(page))?.[0] ?? 'no quote in the page';
      expect(event).toMatch(
        /(?:hostPath volumes|restricted volume types) \(volumes? .*"cgroup".*"container-logs"/,
      );
      if (name === 'baseline') expect(event).toContain(quoted);
      // The aggregator is as the strictest level asks.
      const rollout = ['rollout', 'status', 'deployment/tacho-aggregator', '--timeout=120s'];
      await cluster.kubectl(['-n', namespace, ...rollout]);
    } finally {
      await cluster.helm(['uninstall', 'tacho', '-n', namespace, '--ignore-not-found', '--wait']);
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=true', '--timeout=60s']);
    }
  });

  test('of privileged, as the page has it, gives numbers of every node', async () => {
    try {
      await session.type(commandsBelow(page, 'Namespace', file));
      await until(
        'numbers of every node',
        60,
        async () => (await listMetrics(cluster, 'nodes')).length === cluster.nodes.length,
      );
    } finally {
      await cluster.helm(['uninstall', 'tacho', '-n', 'tacho', '--ignore-not-found', '--wait']);
      await cluster.kubectl([
        'delete',
        'namespace',
        'tacho',
        '--ignore-not-found',
        '--wait=true',
        '--timeout=60s',
      ]);
    }
  });
});
