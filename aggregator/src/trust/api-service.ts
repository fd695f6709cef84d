import type { KubeObject } from '../kube/reflector.ts';
import type { Decision } from './kept-object.ts';

/** apiregistration.k8s.io/v1, as far as trust is concerned. */
export interface ApiService extends KubeObject {
  readonly spec?: {
    readonly service?: { readonly name?: string; readonly namespace?: string } | null;
    /** Base64 of PEM. */
    readonly caBundle?: string;
    readonly insecureSkipTLSVerify?: boolean;
  };
}

/** The two that the aggregator stands behind. */
export const apiServiceNames = ['v1.metrics.k8s.io', 'v1beta1.metrics.k8s.io'];

/**
 * Has kube-apiserver verify our certificate, in APIServices that point to us only.
 * @param bundle PEM; undefined: there is nothing to publish yet
 */
export function decideApiService(
  apiService: ApiService | undefined,
  bundle: string | undefined,
  ours: { readonly namespace: string; readonly service: string },
): Decision {
  if (apiService === undefined) {
    return { level: 'info', say: 'does not exist; it will be given the CA when it comes' };
  }
  const { service, caBundle, insecureSkipTLSVerify = false } = apiService.spec ?? {};
  if (service?.name !== ours.service || service.namespace !== ours.namespace) {
    const found = service ? `Service ${service.namespace}/${service.name}` : 'no Service';
    return { say: `points to ${found}, not to ${ours.namespace}/${ours.service}: it is left alone` };
  }
  if (bundle === undefined) return {};
  const wanted = Buffer.from(bundle).toString('base64');
  if (caBundle === wanted && !insecureSkipTLSVerify) return {};
  const { resourceVersion } = apiService.metadata;
  return {
    level: 'info',
    say: caBundle === undefined ? 'was given the CA' : 'was given the CA in the place of something else',
    write: {
      verb: 'patch',
      // Together: the API server refuses one who has both. The version: it must still be ours when it is written.
      body: { metadata: { resourceVersion }, spec: { caBundle: wanted, insecureSkipTLSVerify: null } },
    },
  };
}
