import type { SharedRequest } from '../exchange.ts';
import { asked, gets } from './request-table.ts';
import { group, nodesPath, podPath, podsPath, type Targets } from './targets.ts';

/** Everyone asks for one of each kind of thing: a list, an object, a path, a document, what is not there. */
export function identityRequests(targets: Targets, identities: readonly string[]): readonly SharedRequest[] {
  const pods = podsPath(targets);
  const paths = [
    ...[nodesPath, `${nodesPath}/${targets.node}`, `${group}/{version}/pods`, pods, podPath(targets)],
    ...[
      `${pods}/not-there`,
      `${pods}?fieldSelector=metadata.name%3D${targets.pod}`,
      `${pods}?labelSelector=app%3Dweb`,
    ],
    ...[
      `${group}/{version}`,
      '/apis',
      '/version',
      '/healthz',
      '/readyz/ping',
      '/metrics',
      '/openapi/v2',
      '/nope',
    ],
    ...[`${pods}?labelSelector=a%20b`, `${group}/{version}/nothing`, '/'],
  ];
  const refused = ['proxied stranger', 'token of a stranger', 'anonymous', 'certificate of nobody'];
  const written = ['POST', 'DELETE', 'HEAD', 'OPTIONS'];
  const accepts = [
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'text/html',
    'application/json;as=Table;v=v1;g=meta.k8s.io',
  ];
  return [
    ...identities.flatMap((identity) => gets(paths, { identity })),
    ...identities.flatMap((identity) =>
      gets([nodesPath, podPath(targets)], { identity, tachoVersion: 'v1' }),
    ),
    ...refused.flatMap((identity) => [
      ...written.flatMap((method) => gets([podPath(targets), pods, '/version'], { identity, method })),
      ...accepts.flatMap((accept) => gets([podPath(targets), '/version'], { identity, headers: { accept } })),
      asked(`${pods}?watch=true`, { identity }),
      asked(`${pods}?fieldSelector=bogus`, { identity }),
      asked(`${nodesPath}/%3Cb%3E`, { identity }),
      asked(podPath(targets), { identity, headers: { 'user-agent': 'curl/8.0' } }),
    ]),
  ];
}
