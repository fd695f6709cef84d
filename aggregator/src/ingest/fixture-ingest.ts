import type { Directive, NodeReport } from '@tacho/proto';
import { eventually } from '../../../test/eventually.ts';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { boundTo } from '../../../test/stand-ins/kube-apiserver/tokens.ts';
import { keptLog } from '../fixture-log.ts';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { AgentIdentifier, type AgentIdentityDeps } from './agent-identity.ts';
import type { ListenerBounds } from './agent-listener.ts';
import { FixtureAgent, serverName } from './fixture-agent.ts';
import { IngestServer } from './ingest-server.ts';
import type { PullerStreams } from './puller-streams.ts';
import { Refusals } from './refusals.ts';

export const directive: Directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };
const username = 'system:serviceaccount:tacho:tacho-agent';
const pullerUsername = 'system:serviceaccount:tacho:tacho-puller';
const ca = await createCertificateAuthority('serving-ca');
const serving = await ca.issueServing([serverName]);

/**
 * A listener to which token `<node>` or `<node>/<pod>` speaks for that node, `p/<pod>` is a puller's and `thief` of another
 * account, unless somebody else is to say so.
 */
export async function listen(
  identity: Partial<AgentIdentityDeps> = {},
  {
    port: wantedPort = 0,
    bounds = {} as Partial<ListenerBounds>,
    pullers = undefined as PullerStreams | undefined,
  } = {},
) {
  const { log, lines } = keptLog();
  const refusals = new Refusals(log, () => performance.now());
  const accepted: [node: string, sample: number][] = [];
  /** Pods that must give way to any other, by UID. */
  const outdated = new Set<string | undefined>();
  const told = { directive };
  /** What a review waits for. */
  const review = { until: Promise.resolve(), asked: 0 };
  const deps = {
    log,
    refusals,
    identifier: new AgentIdentifier(
      {
        ...{ log, monotonicMs: () => performance.now(), wallMs: () => Date.now() },
        later: (ms, run) => void setTimeout(run, ms).unref(),
        findPod: () => undefined,
        nodeUid: () => undefined,
        async reviewToken(token) {
          review.asked += 1;
          await review.until;
          if (token === 'bad') return undefined;
          const [node = '', pod = 'tacho-agent-x'] = token.split('/');
          const extra = boundTo(pod, `${pod}-uid`, node);
          const names: Readonly<Record<string, string>> = {
            thief: 'system:serviceaccount:default:thief',
            p: pullerUsername,
          };
          const name = names[node] ?? username;
          return { username: name, extra };
        },
        ...identity,
      },
      { audience: 'tacho-aggregator', username, pullerUsername: pullers && pullerUsername },
    ),
    directive: () => told.directive,
    pullers,
    isOutdatedBy: (uid: string | undefined) => outdated.has(uid),
    accept: (node: string, { sampleMonotonicUsec }: CheckedReport) =>
      void accepted.push([node, sampleMonotonicUsec]),
    monotonicMs: identity.monotonicMs ?? (() => performance.now()),
    wallMs: identity.wallMs ?? (() => Date.now()),
    random: Math.random,
  };
  const server = new IngestServer(deps, bounds);
  server.serveWith({ cert: Buffer.from(serving.certificate), key: Buffer.from(serving.key) });
  const port = await server.listen(wantedPort, '127.0.0.1');
  const agent = (token: string, bundle: string | undefined = ca.certificate) =>
    new FixtureAgent(port, bundle, `Bearer ${token}`);
  return {
    ...{ server, port, accepted, review, lines, outdated, told, ca },
    counts: () => Object.fromEntries(refusals.counts().map(({ reason, count }) => [reason, count])),
    agent,
    /** Resolves when no stream of a node is kept: then an agent is welcome whose pod must give way to any other. */
    async forgotten(node: string) {
      outdated.add('old-uid');
      await eventually(async () => {
        using old = agent(`${node}/old`);
        const end = await Promise.race([old.ended, old.greeted.then(() => undefined)]);
        if (end !== undefined) throw new Error(`Cannot be heard as ${node}: ${end.details}`);
      });
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A report of this sample and nothing in it. */
export const report = (sampleMonotonicUsec: number): { report: NodeReport } => ({
  report: { sampleMonotonicUsec, pods: [] },
});
