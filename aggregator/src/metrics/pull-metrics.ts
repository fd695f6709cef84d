import type { Registry } from 'prom-client';
import { countersOf, gaugeOf, gaugesOf } from './counted.ts';

/** What is told of nodes that pullers read, asked for when somebody looks. */
export interface PullFigures {
  /** Nodes of the cluster with a report that is served, by who sent it. */
  readonly nodes: () => Readonly<Record<'agent' | 'puller', number>>;
  /** Nodes that are to be pulled for this replica. */
  readonly wanted: () => number;
  readonly streams: () => number;
  /** Tries that failed since the start; the reasons are of a closed list. */
  readonly problems: () => readonly { readonly reason: string; readonly count: number }[];
}

export function addPullMetrics(register: Registry, figures: PullFigures): void {
  gaugesOf(
    register,
    {
      name: 'tacho_nodes_reported',
      help: 'Nodes of the cluster with a report that is served, by who sent it.',
      labels: ['source'],
    },
    () => Object.entries(figures.nodes()).map(([source, count]) => [{ source }, count] as const),
  );
  gaugeOf(
    register,
    { name: 'tacho_nodes_to_pull', help: 'Nodes that pullers are to read for this replica.' },
    figures.wanted,
  );
  gaugeOf(
    register,
    { name: 'tacho_puller_streams', help: 'Streams of pullers that are open.' },
    figures.streams,
  );
  countersOf(
    register,
    {
      name: 'tacho_pull_problems_total',
      help: 'Tries of pullers to read a node that failed, by reason.',
      labels: ['reason'],
    },
    () => figures.problems().map(({ reason, count }) => [{ reason }, count] as const),
  );
}
