import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aggregatorUsername } from '../../../test/stand-ins/kube-apiserver/authorization.ts';
import { startKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { openKubeClients } from './kube-clients.ts';

const kubernetesService = { host: undefined, port: undefined };

test('openKubeClients() sends reviews where the flags lead, and everything else to the usual API server', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tacho-kubeconfig-'));
  await using usual = await startKubeApiserver();
  await using reviews = await startKubeApiserver();
  const file = async (name: string, apiserver: typeof usual) => {
    const token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
    writeFileSync(join(folder.path, name), await apiserver.kubeconfig({ token }));
    return join(folder.path, name);
  };
  const connections = new Agent();
  using _ = { [Symbol.dispose]: () => connections.destroy() };
  const kubeconfigFile = await file('usual', usual);
  const alone = await openKubeClients({ kubeconfigFile, kubernetesService }, connections);
  expect([alone.authentication, alone.authorization]).toEqual([alone.client, alone.client]);

  const clients = await openKubeClients(
    {
      kubeconfigFile,
      authenticationKubeconfigFile: await file('reviews', reviews),
      kubernetesService,
    },
    connections,
  );
  expect(clients.authorization).toBe(clients.client);
  const token = reviews.issueToken({ username: 'jane', groups: [] });
  const review = async (client: typeof clients.client) =>
    client.post(
      '/apis/authentication.k8s.io/v1/tokenreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
      AbortSignal.timeout(5_000),
    );
  expect(await review(clients.authentication)).toMatchObject({ status: { user: { username: 'jane' } } });
  expect(await review(clients.client)).not.toMatchObject({ status: { authenticated: true } });
});

test.each([
  ['--kubeconfig', { kubeconfigFile: '/nowhere' }],
  ['--kubeconfig', { kubeconfigFile: '/nowhere', authenticationKubeconfigFile: '/elsewhere' }],
])('openKubeClients() names %s when its file cannot be used', async (flag, files) => {
  await expect(openKubeClients({ ...files, kubernetesService }, new Agent())).rejects.toThrow(
    `Cannot use ${flag}=/nowhere: ENOENT`,
  );
});
