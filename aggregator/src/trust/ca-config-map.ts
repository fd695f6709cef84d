import type { KubeObject } from '../kube/reflector.ts';
import type { Decision } from './kept-object.ts';

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Where agents find the CA: the kubelet shows them this key as a file, and starts no agent before it is there. */
const key = 'ca.crt';

/** @param bundle PEM; undefined: there is nothing to publish yet */
export function decideConfigMap(
  configMap: ConfigMap | undefined,
  bundle: string | undefined,
  described: { readonly namespace: string; readonly name: string },
): Decision {
  if (configMap === undefined) {
    const { namespace, name } = described;
    return {
      level: 'error',
      say:
        'does not exist, so agents cannot learn the CA and new ones do not start; mend it with helm upgrade, or with ' +
        `kubectl -n ${namespace} create configmap ${name}`,
    };
  }
  const { data = {} } = configMap;
  if (bundle === undefined || data[key] === bundle) return {};
  return {
    level: 'info',
    say: data[key] === undefined ? 'published the CA' : 'published the CA in the place of something else',
    write: {
      verb: 'put',
      body: { ...configMap, apiVersion: 'v1', kind: 'ConfigMap', data: { ...data, [key]: bundle } },
    },
  };
}
