import type { SharedRequest } from '../exchange.ts';
import { asked, crossed, gets, withQueries } from './request-table.ts';
import { group } from './targets.ts';

const json = 'application/json';
const protobuf = 'application/vnd.kubernetes.protobuf';
const aggregated = (version: string, type = json) =>
  `${type};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

const discoveryAccepts = [
  ...['', '*/*', json, 'application/yaml', protobuf, `${protobuf},${json}`, 'text/html', 'application/*'],
  aggregated('v2'),
  aggregated('v2beta1'),
  aggregated('v2', protobuf),
  aggregated('v2', 'application/yaml'),
  `${aggregated('v2')},${aggregated('v2beta1')},${json}`,
  `${aggregated('v2')};profile=nopeer`,
  `${aggregated('v2')},${json}`,
  `${aggregated('v2beta1')},${json}`,
  `${json},${aggregated('v2')}`,
  `${json};as=Table;v=v1;g=meta.k8s.io,${json}`,
  `${json};q=0.1,${aggregated('v2')};q=0.9`,
  `${aggregated('v3')},${json}`,
];

const openApiAccepts = [
  ...['', '*/*', json, `${json}, */*`, 'application/*', protobuf, 'application/yaml', 'text/html'],
  ...['2', '3'].flatMap((version) => [
    `application/com.github.proto-openapi.spec.v${version}@v1.0+protobuf`,
    `application/com.github.proto-openapi.spec.v${version}.v1.0+protobuf`,
  ]),
];

/** A tag that no document has. */
const strayTag = `"${'0'.repeat(128)}"`;

const probes = ['/healthz', '/livez', '/readyz'];
const excludes = [
  'exclude=ping',
  'exclude=ping&exclude=log',
  'exclude=nothing',
  'exclude=',
  'exclude=shutdown',
];

/** What is not about metrics: discovery, OpenAPI, version, probes, the index. */
export function documentRequests(): readonly SharedRequest[] {
  const discovery = ['/apis', group, `${group}/{version}`];
  const v3 = ['/openapi/v3', `/openapi/v3/apis/metrics.k8s.io/{version}`];
  const accepts = (values: readonly string[]) => values.map((accept) => ({ accept }));
  return [
    ...gets([...discovery, `${group}/`, `${group}/{version}/`, '/apis/']),
    ...crossed(discovery, accepts(discoveryAccepts)),
    ...crossed([`${group}/{version}`], accepts(discoveryAccepts.slice(0, 8)), { tachoVersion: 'v1' }),
    ...crossed(
      ['/apis', group],
      [
        { accept: aggregated('v2'), 'if-none-match': strayTag },
        { accept: json, 'if-none-match': strayTag },
        { accept: json, 'accept-encoding': 'gzip' },
      ],
    ),
    ...crossed(['/openapi/v2', ...v3], accepts(openApiAccepts)),
    ...crossed(
      ['/openapi/v2', ...v3],
      [
        { 'if-none-match': strayTag },
        { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
        { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
        { 'accept-encoding': 'gzip' },
      ],
    ),
    ...gets([
      ...['/openapi/v3/', '/openapi/v3/apis', '/openapi/v3/apis/metrics.k8s.io', '/openapi/v3/version'],
      ...['/openapi/v3/nope', '/openapi/v3/apis/apps/v1', '/openapi/v2/'],
    ]),
    ...crossed(['/version'], accepts(discoveryAccepts.slice(0, 8))),
    ...crossed(['/metrics'], accepts(['', '*/*', 'text/plain', json])),
    ...probeRequests(),
  ];
}

function probeRequests(): readonly SharedRequest[] {
  const checks = ['ping', 'log', 'shutdown', 'metadata-informer-sync', 'nothing', ''];
  return [
    ...gets(probes),
    ...probes.flatMap((probe) => withQueries(probe, ['verbose', 'verbose=1', 'verbose=false', ...excludes])),
    ...probes.flatMap((probe) =>
      withQueries(
        probe,
        excludes.map((exclude) => `verbose&${exclude}`),
      ),
    ),
    ...probes.flatMap((probe) => gets(checks.map((check) => `${probe}/${check}`))),
    ...probes.map((path) => asked(path, { method: 'POST' })),
    ...crossed(probes, [{ accept: json }, { accept: 'text/html' }]),
    ...gets([...probes, '/healthz/', '/readyz/ping', '/livez?verbose'], { identity: 'anonymous' }),
  ];
}
