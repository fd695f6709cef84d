export type {
  AgentMessage,
  AggregatorMessage,
  ContainerUsage,
  Directive,
  Echo,
  EchoReply,
  Hello,
  NodeAddress,
  NodeReport,
  NodesToPull,
  NodeToPull,
  PodUsage,
  PulledNode,
  PullerHello,
  PullProblem,
  Usage,
} from './ingest-messages.ts';
export { ingestService, type PushMethod } from './ingest-service.ts';
export { type PullReason, pullReasons } from './pull-reasons.ts';
export { MalformedMessage, WireReader } from './wire-reader.ts';
