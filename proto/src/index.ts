export type {
  AgentMessage,
  AggregatorMessage,
  ContainerUsage,
  Directive,
  Echo,
  EchoReply,
  Hello,
  NodeReport,
  PodUsage,
  Usage,
} from './ingest-messages.ts';
export { ingestService, type PushMethod } from './ingest-service.ts';
