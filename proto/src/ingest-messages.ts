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
  uid: string;
  containers: ContainerUsage[];
}

export interface NodeReport {
  sampleMonotonicUsec: number;
  node?: Usage;
  pods: PodUsage[];
}

export interface Hello {
  nodeName: string;
  agentVersion: string;
  cgroupMode: string;
}

export interface EchoReply {
  nonce: number;
  monotonicUsec: number;
}

export interface AgentMessage {
  hello?: Hello;
  report?: NodeReport;
  echoReply?: EchoReply;
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

export interface AggregatorMessage {
  directive?: Directive;
  echo?: Echo;
}
