import {
  choice,
  duration,
  type FlagValues,
  integer,
  optionalDuration,
  optionalText,
  text,
} from '@tacho/command-line';

/** What `tacho-aggregator --help` starts with. */
export const summary =
  'Takes the reports that tacho agents push, keeps the latest of every node and serves it as metrics.k8s.io (v1 and ' +
  'v1beta1) to kube-apiserver’s aggregation layer. Stateless: nothing is written to disk, any number of replicas may run.';

export const aggregatorFlags = {
  'metric-resolution': duration({
    help: 'Period of the agents’ reports. Set here for the whole cluster; agents learn it on their stream.',
    default: '5s',
    min: '1s',
    max: '60s',
  }),
  window: optionalDuration({
    help: 'What a CPU rate covers, at least one period. Longer is calmer, shorter lets an autoscaler see a step sooner. When it is not given: 10s, or one period where that is longer.',
    min: '1s',
    max: '10m',
  }),
  'secure-port': integer({
    help: 'Port of the metrics API, HTTPS. 0 takes any free one.',
    default: 10250,
    min: 0,
    max: 65_535,
  }),
  'ingest-port': integer({
    help: 'Port that agents push to, gRPC over TLS. 0 takes any free one.',
    default: 10251,
    min: 0,
    max: 65_535,
  }),
  'bind-address': text({ help: 'Address that both ports listen on.', placeholder: 'IP', default: '::' }),
  tls: choice(['self-managed', 'files'], {
    help: 'Where the serving certificate of both ports comes from. self-managed: replicas make a CA and a certificate, agree on them in --tls-secret, and publish the CA in --ca-config-map and in the APIServices. files: from --tls-cert-file and --tls-private-key-file; nothing is published.',
    default: 'self-managed',
  }),
  'tls-secret': text({
    help: 'Secret in which replicas agree on the CA and the certificate. It must exist, empty to begin with.',
    placeholder: 'NAME',
    default: 'tacho-aggregator-tls',
  }),
  'ca-config-map': text({
    help: 'ConfigMap in which agents find the CA as ca.crt. It must exist, empty to begin with.',
    placeholder: 'NAME',
    default: 'tacho-aggregator-ca',
  }),
  'tls-cert-file': optionalText({
    help: 'PEM file of the serving certificate with its chain, for --tls=files.',
    placeholder: 'FILE',
  }),
  'tls-private-key-file': optionalText({
    help: 'PEM file of its private key, for --tls=files.',
    placeholder: 'FILE',
  }),
  kubeconfig: optionalText({
    help: 'How to reach kube-apiserver. Without it the service account of this pod is used.',
    placeholder: 'FILE',
  }),
  namespace: text({
    help: 'Namespace of the aggregator: where its Services, its Secret and its ConfigMap are.',
    placeholder: 'NAMESPACE',
    default: 'kube-system',
    env: 'POD_NAMESPACE',
  }),
  service: text({
    help: 'Service of the metrics API, which kube-apiserver dials.',
    placeholder: 'NAME',
    default: 'tacho-aggregator',
  }),
  'ingest-service': text({
    help: 'Headless Service of the port that agents push to; its endpoints are the replicas.',
    placeholder: 'NAME',
    default: 'tacho-ingest',
  }),
  'shutdown-delay-duration': duration({
    help: 'How long everything is still served after SIGTERM while /readyz says no, so that no request is sent to a replica that has gone.',
    default: '0s',
    min: '0s',
    max: '10m',
  }),
  'agent-audience': text({
    help: 'Audience that an agent’s token must be issued for.',
    placeholder: 'AUDIENCE',
    default: 'tacho-aggregator',
  }),
  'agent-service-account': text({
    help: 'Service account that agents must run as.',
    placeholder: 'NAMESPACE/NAME',
    default: 'kube-system/tacho-agent',
  }),
};

/** Problems between flags that are well by themselves. */
export function flagRelations(values: Partial<FlagValues<typeof aggregatorFlags>>): readonly string[] {
  const { 'metric-resolution': periodMs, window: windowMs, 'agent-service-account': account } = values;
  const problems: string[] = [];
  for (const name of ['tls-cert-file', 'tls-private-key-file'] as const) {
    if (values.tls === 'files' && name in values && values[name] === undefined) {
      problems.push(`--${name} is required with --tls=files`);
    } else if (values.tls === 'self-managed' && values[name] !== undefined) {
      problems.push(`--${name} expected --tls=files beside it, found --tls=self-managed`);
    }
  }
  const { 'secure-port': securePort, 'ingest-port': ingestPort } = values;
  if (securePort !== undefined && securePort !== 0 && securePort === ingestPort) {
    problems.push(`--ingest-port expected another port than --secure-port, found ${ingestPort} for both`);
  }
  if (windowMs !== undefined && periodMs !== undefined && windowMs < periodMs) {
    problems.push(
      `--window expected at least --metric-resolution (${periodMs / 1000}s), found ${windowMs / 1000}s`,
    );
  }
  if (account !== undefined && !/^[^/]+\/[^/]+$/.test(account)) {
    problems.push(`--agent-service-account expected NAMESPACE/NAME, found "${account}"`);
  }
  return problems;
}
