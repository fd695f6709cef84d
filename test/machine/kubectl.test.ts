import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KubectlResult, runKubectl } from '../kubectl/kubectl.ts';
import type { KubectlVersion } from '../kubectl/kubectl-binary.ts';
import type { AuthorizationRule } from '../stand-ins/kube-apiserver/authorization.ts';
import {
  admin,
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../stand-ins/kube-apiserver/kube-apiserver.ts';

const versions: KubectlVersion[] = ['1.36', '1.32'];

describe.each(versions)('kubectl %s against the kube-apiserver stand-in', (version) => {
  let apiserver: StandInKubeApiserver;
  let kubeconfig: string;

  beforeAll(async () => {
    apiserver = await startKubeApiserver();
    kubeconfig = await apiserver.kubeconfig(admin);
    apiserver.store.create('nodes', { metadata: { name: 'node-a', labels: { zone: 'east' } } });
    apiserver.store.create('nodes', { metadata: { name: 'node-b', labels: { zone: 'west' } } });
    for (const [namespace, name] of [
      ['default', 'web-0'],
      ['default', 'web-1'],
      ['kube-system', 'dns'],
    ] as const) {
      const spec = { nodeName: 'node-a', containers: [{ name: 'main', image: 'example' }] };
      apiserver.store.create('pods', { metadata: { namespace, name }, spec, status: { phase: 'Running' } });
    }
  });
  afterAll(() => apiserver.close());

  function kubectl(...args: string[]): Promise<KubectlResult> {
    return runKubectl(version, args, { kubeconfig, signal: AbortSignal.timeout(30_000) });
  }

  it('get nodes prints names, also of a selection', async () => {
    const all = await kubectl('get', 'nodes');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(firstWords(all)).toEqual(['NAME', 'node-a', 'node-b']);
    expect(firstWords(await kubectl('get', 'nodes', '-l', 'zone in (west)'))).toEqual(['NAME', 'node-b']);
  });

  it('get pods -A prints every pod, page after page', async () => {
    const result = await kubectl('get', 'pods', '-A', '--chunk-size=1');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const rows = result.stdout.trimEnd().split('\n');
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2))).toEqual([
      ['NAMESPACE', 'NAME'],
      ['default', 'web-0'],
      ['default', 'web-1'],
      ['kube-system', 'dns'],
    ]);
  });

  it('get of a missing pod says that it was not found', async () => {
    expect(await kubectl('get', 'pod', 'nobody')).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): pods "nobody" not found\n',
    });
  });

  it('api-resources lists what is served', async () => {
    const result = await kubectl('api-resources', '--no-headers', '-o', 'name');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const names = result.stdout.trimEnd().split('\n');
    expect(names).toContain('pods');
    expect(names).toContain('apiservices.apiregistration.k8s.io');
    expect(names).toContain('tokenreviews.authentication.k8s.io');
  });

  it('wait sees a change through a watch', async () => {
    const watched = Promise.withResolvers<void>();
    const authorize: AuthorizationRule = ({ verb }) => {
      if (verb === 'watch') watched.resolve();
      return true;
    };
    await using watchable = await startKubeApiserver({ authorize });
    const pod = watchable.store.create('pods', { metadata: { namespace: 'default', name: 'job' } });
    const waiting = runKubectl(version, ['wait', 'pod/job', '--for=jsonpath={.status.phase}=Succeeded'], {
      kubeconfig: await watchable.kubeconfig({ username: 'dev' }),
      signal: AbortSignal.timeout(30_000),
    });
    await Promise.race([watched.promise, waiting]);
    watchable.store.update('pods', { ...pod, status: { phase: 'Succeeded' } });
    expect(await waiting).toMatchObject({ code: 0, stdout: 'pod/job condition met\n' });
  });

  it('version names the stand-in', async () => {
    const { stdout } = await kubectl('version', '-o', 'json');
    expect(JSON.parse(stdout).serverVersion.gitVersion).toBe('v1.37.0-tacho-stand-in');
    expect(JSON.parse(stdout).clientVersion.gitVersion).toContain(`v${version}.`);
  });

  it('a token without rights is told so', async () => {
    const token = apiserver.issueToken({ username: 'nobody', groups: [] });
    const result = await runKubectl(version, ['get', 'nodes'], {
      kubeconfig: await apiserver.kubeconfig({ token }),
      signal: AbortSignal.timeout(30_000),
    });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
    );
  });
});

function firstWords({ stdout }: KubectlResult): (string | undefined)[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/)[0]);
}
