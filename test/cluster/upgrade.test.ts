import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from '../documents/pages.ts';
import { isInstalled, splitImage, uninstall, untilNodesAreShown } from './install.ts';
import { keepReading, type ReadsSeen } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { commandsBelow, type PageSession, pageSession } from './page-session.ts';
import { describeOnCluster } from './shared-cluster.ts';

const file = 'test/cluster/upgrade.test.ts';
const page = 'docs/upgrade.md';
const enoughReads = 20;
const inNamespace = ['-n', 'kube-system'];
/** Older than any release: today's templates with another version and other defaults, since nothing has been released before. */
const previousVersion = '0.0.9';

describeOnCluster('helm upgrade and helm rollback', (cluster) => {
  const seen: Record<string, ReadsSeen> = {};
  let session: PageSession;
  let firstCa = '';

  const publishedCa = () =>
    cluster.kubectl([
      ...[...inNamespace, 'get', 'configmap', 'tacho-aggregator-ca'],
      ...['-o', 'jsonpath={.data.ca\\.crt}'],
    ]);
  const chartLabel = async () =>
    await cluster.kubectl([
      ...[...inNamespace, 'get', 'daemonset', 'tacho-agent'],
      ...['-o', 'jsonpath={.metadata.labels.helm\\.sh/chart}'],
    ]);
  const period = async () => {
    const args = ['get', 'deployment', 'tacho-aggregator', '-o', 'jsonpath={..containers[0].args}'];
    return /--metric-resolution=(\w+)/.exec(await cluster.kubectl([...inNamespace, ...args]))?.[1];
  };

  /** Reads five times a second while something is done, until every agent of it is heard, and often enough to see a hole. */
  async function reading(name: string, action: () => Promise<unknown>): Promise<void> {
    const expected = cluster.nodes.map((node) => node.name);
    const reads = keepReading(cluster, { resource: 'nodes', perSecond: 5, expected });
    try {
      await action();
      for (const workload of ['daemonset/tacho-agent', 'deployment/tacho-aggregator'])
        await cluster.kubectl([...inNamespace, 'rollout', 'status', workload, '--timeout=120s']);
      await until('enough reads', 30, () => reads.count() > enoughReads);
    } finally {
      seen[name] = await reads.stop();
    }
  }

  function previousChart(): string {
    const chart = join(session.folder, 'previous');
    cpSync(join(repository, 'charts/tacho'), chart, { recursive: true });
    const change = (name: string, from: RegExp, to: string) => {
      const text = readFileSync(join(chart, name), 'utf8');
      if (!from.test(text)) throw new Error(`changing ${name}: there is no ${from}`);
      writeFileSync(join(chart, name), text.replace(from, to));
    };
    change('Chart.yaml', /^version: .*$/m, `version: ${previousVersion}`);
    change('values.yaml', /^metricResolution: .*$/m, 'metricResolution: 2s');
    return chart;
  }

  beforeAll(async () => {
    session = pageSession(cluster);
    if (await isInstalled(cluster)) await uninstall(cluster);
    const [image, tag] = splitImage(cluster.tacho);
    const values = [
      '--set',
      `image.repository=${image}`,
      '--set',
      `image.tag=${tag}`,
      '--set',
      'logLevel=debug',
    ];
    await cluster.helm([
      'install',
      'tacho',
      previousChart(),
      ...inNamespace,
      '--wait',
      '--timeout=120s',
      ...values,
    ]);
    await untilNodesAreShown(cluster);
    firstCa = await publishedCa();
    await reading('upgrade', () => session.type(commandsBelow(page, 'Upgrade', file)));
  });
  afterAll(() => session.close());

  test('the upgrade brings the new chart with its defaults, keeps what had been set, and keeps the CA', async () => {
    expect(await chartLabel()).not.toContain(previousVersion);
    expect(await period()).toBe('5s');
    expect(await cluster.helm(['get', 'values', 'tacho', ...inNamespace])).toContain('logLevel: debug');
    expect(await publishedCa()).toBe(firstCa);
  });

  test('helm rollback brings the previous chart back, with its values and the same CA', async () => {
    await reading('rollback', () => session.type(commandsBelow(page, 'Roll back', file)));
    expect(await chartLabel()).toContain(previousVersion);
    expect(await period()).toBe('2s');
    expect(await publishedCa()).toBe(firstCa);
  });

  describe('an upgrade to an image that is nowhere', () => {
    const pods = (jsonpath: string) =>
      cluster.kubectl([
        ...[
          ...inNamespace,
          'get',
          'pods',
          '-l',
          'app.kubernetes.io/name=tacho',
          '-o',
          `jsonpath=${jsonpath}`,
        ],
      ]);

    test('waits with ErrImageNeverPull beside what runs, and helm rollback takes it back', async () => {
      await reading('broken', async () => {
        const nowhere = ['--set', 'image.tag=nowhere', '--set', 'image.pullPolicy=Never'];
        await cluster.helm([
          ...['upgrade', 'tacho', join(session.folder, 'charts/tacho'), ...inNamespace],
          ...['--reset-then-reuse-values', ...nowhere],
        ]);
        await until('ErrImageNeverPull', 60, async () =>
          (await pods('{..state.waiting.reason}')).includes('ErrImageNeverPull'),
        );
        await session.type(commandsBelow(page, 'Roll back', file));
      });
      await until('no pod waits', 60, async () => (await pods('{..state.waiting.reason}')) === '');
    });
  });

  test.each(['upgrade', 'rollback', 'broken'])('no read failed and no node was missing: %s', (name) => {
    expect(seen[name]?.failures).toEqual([]);
    expect(Object.fromEntries(seen[name]?.missing ?? [])).toEqual({});
    expect(seen[name]?.reads).toBeGreaterThan(enoughReads);
  });
});
