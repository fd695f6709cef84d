import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOfPage } from '../documents/pages.ts';
import { agentPodOf, ensureInstalled, isInstalled, uninstall, untilPodsAreGone } from './install.ts';
import { blocksOf, type PageSession, pageSession } from './page-session.ts';
import { describeOnCluster } from './shared-cluster.ts';

const file = 'test/cluster/documented.test.ts';
/** Pages whose commands are for a cluster as it is after an installation. */
const pages = [
  ...['README.md', 'charts/tacho/README.md', 'docs/install.md', 'docs/upgrade.md'],
  ...['docs/troubleshooting.md', 'docs/debug.md'],
];

/** Commands in a table or a sentence that only look, as far as they are whole. */
const looks = (page: string): readonly string[] => [
  ...new Set(
    [...textOfPage(page).matchAll(/`(kubectl (?:-n \S+ )?(?:get|logs|top|describe) [^`…]+)`/g)]
      .map(([, look = '']) => look.replaceAll('\\|', '|'))
      .filter((look) => !/--raw$| (?:get|top) pod(?: missing)?$/.test(look)),
  ),
];

describeOnCluster('what the pages say to type', (cluster) => {
  let session: PageSession;

  beforeAll(() => {
    session = pageSession(cluster);
  });
  afterAll(async () => {
    session.close();
    // What docs/debug.md makes for somebody who is no administrator.
    const made = ['clusterrole/tacho-debug', 'clusterrolebinding/tacho-debug'];
    await cluster.kubectl(['delete', '--ignore-not-found', ...made]);
    await cluster.kubectl([
      '-n',
      'kube-system',
      'delete',
      '--ignore-not-found',
      'serviceaccount/tacho-debug',
    ]);
  });

  /** One that stays: a pod that ends is running until it has. */
  async function aReplica(): Promise<string> {
    const text = await cluster.kubectl([
      ...['-n', 'kube-system', 'get', 'pods', '-l', 'app.kubernetes.io/component=aggregator'],
      ...['--field-selector=status.phase=Running', '-o'],
      'jsonpath={range .items[*]}{.metadata.deletionTimestamp}={.metadata.name}{"\\n"}{end}',
    ]);
    const name = /^=(.+)$/m.exec(text)?.[1];
    if (name === undefined) throw new Error(`no running replica in ${text}`);
    return name;
  }

  /** Installed as it is without flags, with no pod left of another time. */
  async function ensureDefault(): Promise<void> {
    if (!(await isInstalled(cluster))) await untilPodsAreGone(cluster);
    await ensureInstalled(cluster);
  }

  /** What stands in the pages for something of one's own. */
  async function own(): Promise<Readonly<Record<string, string>>> {
    if (!(await isInstalled(cluster))) return {};
    const node = cluster.nodes[0]?.name ?? '';
    const agent = await agentPodOf(cluster, node);
    return {
      'tacho-agent-x2x7k': agent,
      'tacho-aggregator-6d9f7c5b48-2kq7x': await aReplica(),
      'default/web': `kube-system/${agent}`,
      '/debug/nodes/NODE': `/debug/nodes/${node}`,
    };
  }

  describe.each(pages)('%s', (page) => {
    const blocks = blocksOf(page, file);
    const doInstall = (commands: readonly string[]) => commands.some((each) => each.includes('helm install'));
    beforeAll(async () => {
      // The page before may have ended with tacho uninstalled, or in another mode.
      if (!doInstall(blocks[0]?.commands ?? [])) await ensureDefault();
    });

    test.each(blocks)('line $line', async ({ commands }) => {
      const installs = doInstall(commands);
      if (installs && (await isInstalled(cluster))) await uninstall(cluster);
      if (!installs && !(await isInstalled(cluster))) await ensureDefault();
      await session.type(commands, await own());
    });
  });

  test('commands that only look, in tables and sentences, succeed', async () => {
    await ensureDefault();
    const found = [...pages, 'docs/cost.md'].flatMap(looks);
    expect(found.length).toBeGreaterThan(8);
    await session.type(found, { NODE: cluster.nodes[0]?.name ?? '', NAMESPACE: 'kube-system' });
  });
});
