import type { FlagValues } from '@tacho/command-line';
import type { aggregatorFlags } from './flags.ts';
import {
  type AuthenticationOptions,
  type AuthorizationOptions,
  usualAuthorization,
} from './identity/authentication-options.ts';
import type { ServiceAddress } from './kube/api-server-access.ts';
import type { PullMode } from './pulling/nodes-to-pull.ts';
import type { SniFiles } from './serving/sni-pairs.ts';
import { type TlsProtocol, usualProtocol } from './serving/tls-protocol.ts';
import type { TlsConfig } from './trust/open-certificates.ts';

/** Everything that the aggregator is told by its flags. What may be left out is said with its default. */
export interface AggregatorConfig {
  readonly version: string;
  readonly periodMs: number;
  readonly windowMs: number;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly ingestPort: number;
  readonly tls: TlsConfig;
  /** Further pairs of the metrics API; none by default. */
  readonly sni?: readonly SniFiles[];
  /** Of the metrics API; TLS 1.2 and later by default. */
  readonly tlsProtocol?: TlsProtocol;
  readonly kubeconfigFile: string | undefined;
  /** Of the API server that reviews tokens; `kubeconfigFile` by default. */
  readonly authenticationKubeconfigFile?: string | undefined;
  /** Of the API server that reviews accesses; `kubeconfigFile` by default. */
  readonly authorizationKubeconfigFile?: string | undefined;
  readonly kubernetesService: ServiceAddress;
  readonly namespace: string;
  /** Name of the Service of the metrics API. */
  readonly service: string;
  /** Name of the headless Service of the port that agents push to. */
  readonly ingestService: string;
  readonly shutdownDelayMs: number;
  readonly agentAudience: string;
  readonly agentUsername: string;
  /** Of pullers, as `agentUsername`; none are accepted by default. */
  readonly pullerUsername?: string | undefined;
  /** Which nodes pullers are asked for; none by default. */
  readonly pull?: PullConfig | undefined;
  /** Label selector of the nodes that are served; all by default. */
  readonly nodeSelector?: string | undefined;
  /** Whether discovery says that metrics can be watched; false by default. */
  readonly advertiseWatch?: boolean;
  /** Whether swap is served beside cpu and memory; true by default. */
  readonly swap?: boolean;
  /** Whom to believe; what the cluster publishes by default. */
  readonly authentication?: AuthenticationOptions;
  /** What is allowed without asking; apiserver's defaults by default. */
  readonly authorization?: AuthorizationOptions;
}

/** Nodes that pullers read from their kubelets. */
export interface PullConfig {
  readonly mode: PullMode;
  /** Label selector; all by default. */
  readonly nodeSelector: string | undefined;
}

type Values = FlagValues<typeof aggregatorFlags>;

const usualWindowMs = 10_000;

/** What the values of the flags mean. @param kubernetesService what the environment says of kube-apiserver */
export function configOf(
  values: Values,
  version: string,
  kubernetesService: ServiceAddress,
): AggregatorConfig {
  const { 'tls-cipher-suites': ciphers, 'tls-curve-preferences': ecdhCurve } = values;
  const { pull: mode, 'puller-service-account': account } = values;
  return {
    version,
    periodMs: values['metric-resolution'],
    windowMs: values.window ?? Math.max(usualWindowMs, values['metric-resolution']),
    bindAddress: values['bind-address'],
    securePort: values['secure-port'],
    ingestPort: values['ingest-port'],
    tls: tlsOf(values),
    sni: values['tls-sni-cert-key'],
    tlsProtocol: {
      minVersion: values['tls-min-version'] ?? usualProtocol.minVersion,
      ...(ciphers !== undefined && { ciphers }),
      ...(ecdhCurve !== undefined && { ecdhCurve }),
    },
    kubeconfigFile: values.kubeconfig,
    authenticationKubeconfigFile: values['authentication-kubeconfig'],
    authorizationKubeconfigFile: values['authorization-kubeconfig'],
    kubernetesService,
    namespace: values.namespace,
    service: values.service,
    ingestService: values['ingest-service'],
    shutdownDelayMs: values['shutdown-delay-duration'],
    agentAudience: values['agent-audience'],
    agentUsername: usernameOf(values['agent-service-account']),
    pullerUsername: account && usernameOf(account),
    pull: mode === 'never' ? undefined : { mode, nodeSelector: values['pull-node-selector'] },
    nodeSelector: values['node-selector'],
    advertiseWatch: values['advertise-watch'],
    swap: values.swap,
    authentication: {
      skipLookup: values['authentication-skip-lookup'],
      tolerateLookupFailure: values['authentication-tolerate-lookup-failure'],
      tokenTtlMs: values['authentication-token-webhook-cache-ttl'],
      clientCaFile: values['client-ca-file'],
      requestHeaderCaFile: values['requestheader-client-ca-file'],
      allowedNames: values['requestheader-allowed-names'],
      usernameHeaders: values['requestheader-username-headers'],
      uidHeaders: values['requestheader-uid-headers'],
      groupHeaders: values['requestheader-group-headers'],
      extraHeaderPrefixes: values['requestheader-extra-headers-prefix'],
    },
    authorization: {
      alwaysAllowPaths: values['authorization-always-allow-paths'] ?? usualAuthorization.alwaysAllowPaths,
      allowedTtlMs: values['authorization-webhook-cache-authorized-ttl'],
      deniedTtlMs: values['authorization-webhook-cache-unauthorized-ttl'],
    },
  };
}

/** @param account `<namespace>/<name>` */
function usernameOf(account: string): string {
  return `system:serviceaccount:${account.replace('/', ':')}`;
}

/** metrics-server's order: files that are named, the folder that is named, else what this program does by itself. */
function tlsOf(values: Values): TlsConfig {
  const { tls, 'tls-cert-file': certFile, 'tls-private-key-file': keyFile, 'cert-dir': folder } = values;
  if (certFile !== undefined && keyFile !== undefined) return { kind: 'files', certFile, keyFile };
  if (tls === undefined && folder !== undefined) return { kind: 'cert-dir', folder };
  return { kind: 'self-managed', secret: values['tls-secret'], caConfigMap: values['ca-config-map'] };
}
