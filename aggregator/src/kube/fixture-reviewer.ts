import { fetchFrom } from '../../../test/stand-ins/kube-apiserver/api-client.ts';
import { aggregatorUsername } from '../../../test/stand-ins/kube-apiserver/authorization.ts';
import type { StandInKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import type { KubeClient } from './kube-client.ts';

/** Posts reviews to the stand-in as the aggregator; KubeClient takes half a second to load for each test file. */
export function reviewer(apiserver: StandInKubeApiserver): Pick<KubeClient, 'post'> {
  const token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
  return {
    async post(path, body) {
      const { code, json } = await fetchFrom(apiserver, path, { method: 'POST', body, token });
      if (code > 299) throw new Error(`Cannot POST ${path}: API server answered ${code}`);
      return json;
    },
  };
}
