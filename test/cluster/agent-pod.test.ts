import { beforeAll, describe, expect, test } from 'vitest';
import { quantityValue } from '../one-machine/live-table.ts';
import { agentPodOf, ensureInstalled } from './install.ts';
import { measured } from './observe/measured.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { describeOnCluster } from './shared-cluster.ts';

/** Runs in the agent's container, by its own Node: there is no shell. Prints what it found as JSON. */
const lookAround = `
  const { readFileSync, writeFileSync, readdirSync, existsSync } = require('node:fs');
  const attempt = (what) => { try { what(); return 'done'; } catch (error) { return error.code; } };
  const status = Object.fromEntries(readFileSync('/proc/self/status', 'utf8').trim().split('\\n').map((line) => line.split(/:\\s+/)));
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\\n').map((line) => line.split(' '))
    .filter((fields) => fields[4].startsWith('/host') || fields[4].startsWith('/var/log'))
    .map((fields) => [fields[4], fields[5].split(',')[0]]);
  const cgroup = readdirSync('/host/cgroup').includes('cgroup.controllers') ? '/host/cgroup' : '/host/cgroup/memory';
  const token = readFileSync('/var/run/tacho/token', 'utf8');
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const ask = (path) => fetch('https://' + process.env.KUBERNETES_SERVICE_HOST + path, { headers: { authorization: 'Bearer ' + token } }).then((answer) => answer.status);
  Promise.all([ask('/api/v1/pods'), ask('/api/v1/namespaces/kube-system/secrets'), ask('/version')]).then(([pods, secrets, version]) => console.log(JSON.stringify({
    uid: status.Uid, gid: status.Gid, groups: status.Groups, effective: status.CapEff, permitted: status.CapPrm, bounding: status.CapBnd,
    noNewPrivileges: status.NoNewPrivs, seccomp: status.Seccomp, mounts,
    writes: {
      cgroup: attempt(() => writeFileSync(cgroup + '/cgroup.procs', '1')),
      newCgroup: attempt(() => require('node:fs').mkdirSync(cgroup + '/tacho-was-here')),
      logs: attempt(() => writeFileSync('/var/log/containers/x', '')),
      root: attempt(() => writeFileSync('/x', '')),
      token: attempt(() => writeFileSync('/var/run/tacho/token', '')),
    },
    apiToken: existsSync('/var/run/secrets/kubernetes.io/serviceaccount'),
    api: { pods, secrets, version },
    audience: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).aud,
  })));
`;

describeOnCluster('the running agent pod', (cluster) => {
  beforeAll(() => ensureInstalled(cluster));

  describe.each(cluster.nodes.map((node) => ({ ...node })))('on $name (cgroup $cgroup)', ({ name }) => {
    let seen: Record<string, unknown> = {};
    beforeAll(async () => {
      const pod = await agentPodOf(cluster, name);
      seen = JSON.parse(
        await cluster.kubectl(['-n', 'kube-system', 'exec', pod, '--', 'node', '-e', lookAround]),
      );
    });

    test('has no capability, is not root and cannot become it', () => {
      const none = '0000000000000000';
      expect(seen).toMatchObject({
        uid: '65532\t65532\t65532\t65532',
        gid: '65532\t65532\t65532\t65532',
        effective: none,
        permitted: none,
        bounding: none,
        noNewPrivileges: '1',
      });
    });

    test('sees the host’s paths read-only, with everything that is mounted below them', () => {
      const mounts = seen['mounts'] as [string, string][];
      expect(mounts.map(([path]) => path)).toEqual(
        expect.arrayContaining(['/host/cgroup', '/var/log/containers']),
      );
      expect(mounts.filter(([, mode]) => mode !== 'ro')).toEqual([]);
    });

    test('cannot write anywhere', () => {
      for (const [what, outcome] of Object.entries(seen['writes'] as Record<string, string>)) {
        expect([what, outcome]).toEqual([what, expect.stringMatching(/^(?:EROFS|EACCES|EPERM)$/)]);
      }
    });

    test('is in tacho’s own numbers, below the limit that the chart gives it', async () => {
      const pod = await agentPodOf(cluster, name);
      const items = await listMetrics(cluster, 'namespaces/kube-system/pods');
      const usage = items.find(({ metadata }) => metadata.name === pod)?.containers?.[0]?.usage ?? {};
      const { cpu = '', memory = '' } = usage;
      const mebibytes = quantityValue(memory) / 2 ** 20;
      measured(`the agent on ${name}: working set ${mebibytes.toFixed(1)} MiB, ${quantityValue(cpu)} cores`);
      expect(mebibytes).toBeGreaterThan(10);
      expect(mebibytes).toBeLessThan(256);
    });

    test('has no token but the one for the aggregator, and kube-apiserver refuses that one', () => {
      expect(seen).toMatchObject({
        apiToken: false,
        audience: ['tacho-aggregator'],
        api: { pods: 401, secrets: 401, version: 401 },
      });
    });
  });
});
