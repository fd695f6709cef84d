/**
 * The messages of proto/tacho/v1/ingest.proto as TypeScript sees them: 64-bit integers are numbers (exact to
 * 2^53), and exactly one of a oneof's fields is there. Decoded fields of a foreign peer may lie: check them.
 */

export interface Usage {
  cpuNanocores: number;
  memoryWorkingSetBytes: number;
  swapBytes?: number;
  windowUsec: number;
}

export interface ContainerUsage {
  name: string;
  usage: Usage;
}

export interface PodUsage {
  namespace: string;
  name: string;
  /** Empty from a puller: a kubelet's metrics name none. */
  uid: string;
  containers: ContainerUsage[];
  /** By how much this pod was sampled before the report's instant. */
  olderByUsec?: number;
}

export interface NodeReport {
  sampleMonotonicUsec: number;
  node?: Usage;
  pods: PodUsage[];
  periodUsec?: number;
  /** By how much the node itself was sampled before the report's instant. */
  nodeOlderByUsec?: number;
}

export interface Hello {
  nodeName: string;
  agentVersion: string;
  cgroupMode: string;
  /** As in TrustedCas; agents before it send none. */
  trustedCaSha256?: readonly Uint8Array[];
}

export interface TrustedCas {
  /** SHA-256 of each CA certificate in DER. */
  sha256: readonly Uint8Array[];
}

export interface PullerHello {
  pullerName: string;
  pullerVersion: string;
  /** As in TrustedCas. */
  trustedCaSha256?: readonly Uint8Array[];
}

export interface PullProblem {
  /** One of `pullReasons`, or of those of a later version. */
  reason: string;
  /** What was tried, what was found and how to mend it. */
  message: string;
}

export interface PulledNode {
  nodeName: string;
  /** Absent where this try brought nothing new. */
  report?: NodeReport;
  /** Why the last try failed. */
  problem?: PullProblem;
}

export interface EchoReply {
  nonce: number;
  monotonicUsec: number;
}

export interface AgentMessage {
  hello?: Hello;
  report?: NodeReport;
  echoReply?: EchoReply;
  trustedCas?: TrustedCas;
  pullerHello?: PullerHello;
  pulledNode?: PulledNode;
}

export interface Directive {
  periodUsec: number;
  windowUsec: number;
  /** `ip:port` of every replica of the aggregator; empty where the sender does not know. */
  peers: string[];
}

export interface Echo {
  nonce: number;
}

export interface NodeAddress {
  /** Hostname, InternalDNS, InternalIP, ExternalDNS or ExternalIP. */
  type: string;
  address: string;
}

export interface NodeToPull {
  name: string;
  addresses: NodeAddress[];
  kubeletPort?: number;
}

export interface NodesToPull {
  nodes: NodeToPull[];
}

export interface AggregatorMessage {
  directive?: Directive;
  echo?: Echo;
  nodesToPull?: NodesToPull;
}
