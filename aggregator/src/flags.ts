import type { FlagSections, FlagValues } from '@tacho/command-line';
import { acceptedFlags } from './flags/accepted-flags.ts';
import { authenticationFlags } from './flags/authentication-flags.ts';
import { authorizationFlags } from './flags/authorization-flags.ts';
import { clusterFlags } from './flags/cluster-flags.ts';
import { loggingFlags } from './flags/logging-flags.ts';
import { metricsFlags } from './flags/metrics-flags.ts';
import { pullingFlags } from './flags/pulling-flags.ts';
import { servingFlags } from './flags/serving-flags.ts';

/** What `tacho-aggregator --help` starts with. */
export const summary =
  'Takes the reports that tacho agents push, keeps the latest of every node and serves it as metrics.k8s.io (v1 and ' +
  'v1beta1) to kube-apiserver’s aggregation layer. Stateless: no report is written to disk, any number of replicas may run.';

export const aggregatorFlags = {
  ...metricsFlags,
  ...clusterFlags,
  ...pullingFlags,
  ...servingFlags,
  ...authenticationFlags,
  ...authorizationFlags,
  ...loggingFlags,
  ...acceptedFlags,
};

/** The same under the headings of `--help`. */
export const flagSections: FlagSections = {
  Metrics: metricsFlags,
  Cluster: clusterFlags,
  Pulling: pullingFlags,
  Serving: servingFlags,
  Authentication: authenticationFlags,
  Authorization: authorizationFlags,
  Logging: loggingFlags,
  'Accepted for metrics-server’s sake': acceptedFlags,
};

/** Problems between flags that are well by themselves. */
export function flagRelations(values: Partial<FlagValues<typeof aggregatorFlags>>): readonly string[] {
  const { 'metric-resolution': periodMs, window: windowMs, 'agent-service-account': account } = values;
  const problems = [...tlsRelations(values)];
  const { 'secure-port': securePort, 'ingest-port': ingestPort } = values;
  if (securePort !== undefined && securePort !== 0 && securePort === ingestPort) {
    problems.push(`--ingest-port expected another port than --secure-port, found ${ingestPort} for both`);
  }
  if (windowMs !== undefined && periodMs !== undefined && windowMs < periodMs) {
    problems.push(
      `--window expected at least --metric-resolution (${periodMs / 1000}s), found ${windowMs / 1000}s`,
    );
  }
  if (account !== undefined && !isAccount(account)) {
    problems.push(`--agent-service-account expected NAMESPACE/NAME, found "${account}"`);
  }
  return [...problems, ...pullingRelations(values)];
}

/** Who may pull, and that there is one where nodes are to be pulled. */
function pullingRelations(values: Partial<FlagValues<typeof aggregatorFlags>>): readonly string[] {
  const { pull, 'agent-service-account': agents, 'puller-service-account': pullers } = values;
  if (pullers === undefined) {
    const isMissing = 'puller-service-account' in values && pull !== undefined && pull !== 'never';
    return isMissing ? [`--puller-service-account is required with --pull=${pull}`] : [];
  }
  if (!isAccount(pullers)) return [`--puller-service-account expected NAMESPACE/NAME, found "${pullers}"`];
  return pullers === agents
    ? [`--puller-service-account expected another than --agent-service-account, found ${pullers} for both`]
    : [];
}

function isAccount(text: string): boolean {
  return /^[^/]+\/[^/]+$/.test(text);
}

/** The two files come together, and not with what makes them needless. */
function tlsRelations(values: Partial<FlagValues<typeof aggregatorFlags>>): readonly string[] {
  const names = ['tls-cert-file', 'tls-private-key-file'] as const;
  const given = names.filter((name) => values[name] !== undefined);
  if (values.tls === 'self-managed') {
    return given.map((name) => `--${name} expected no --tls=self-managed beside it, found both`);
  }
  const missing = names.filter((name) => name in values && values[name] === undefined);
  if (values.tls === 'files') return missing.map((name) => `--${name} is required with --tls=files`);
  return given.length === 1 ? missing.map((name) => `--${name} is required with --${given[0]}`) : [];
}
