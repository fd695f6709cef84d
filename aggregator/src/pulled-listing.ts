import type { PullerStreams } from './ingest/puller-streams.ts';
import type { Pulling } from './open-pulling.ts';

/** The pullers that are connected, for a person. @param at a timestamp of a monotonic instant */
export function pullers(streams: Pick<PullerStreams, 'all'>, at: (ms: number) => string): object[] {
  return streams.all().map(({ name, peer, sinceMs, talk }) => {
    const { version, nodes, offsetMs, roundTripMs } = talk.facts();
    return {
      ...{ name, peer, since: at(sinceMs), version: version ?? null, nodes },
      clock: { offsetMs: rounded(offsetMs), roundTripMs: rounded(roundTripMs) },
    };
  });
}

/** How pulling a node goes. @param at a timestamp of a monotonic instant; null for none */
export function pulledNode(
  { nodes, pullerOf, tries }: Pick<Pulling, 'nodes' | 'pullerOf' | 'tries'>,
  name: string,
  at: (ms: number | undefined) => string | null,
): object {
  const tried = tries.ofNode(name);
  return {
    wanted: nodes.has(name),
    puller: pullerOf(name) ?? null,
    lastTry: at(tried?.lastMs),
    lastGood: at(tried?.wellMs),
    problem: tried?.problem
      ? {
          reason: tried.problem.reason,
          since: at(tried.problem.sinceMs),
          message: tried.problem.message,
        }
      : null,
  };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
