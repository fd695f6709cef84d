import { setTimeout as sleep } from 'node:timers/promises';
import { type Difference, differencesOf } from './difference.ts';
import type { Credentials, SharedRequest } from './exchange.ts';
import { type ExpectedDifference, expectationOf } from './expected-differences.ts';
import type { Peers } from './peers.ts';
import { asked, usualIdentity } from './requests/request-table.ts';
import { group } from './requests/targets.ts';

export interface Comparison {
  readonly asked: number;
  /** Those that nobody expected. */
  readonly unexpected: readonly Difference[];
  /** How often each expected one was met. */
  readonly met: ReadonlyMap<ExpectedDifference, number>;
}

export type Identities = Readonly<Record<string, Credentials>>;

const attempts = 3;
const betweenAttemptsMs = 3_000;
const pause = () => sleep(betweenAttemptsMs);

/** Asks both servers all of it; what differs is asked again, since pods come and go between two answers. */
export async function compare(
  peers: Pick<Peers, 'ask'>,
  identities: Identities,
  requests: readonly SharedRequest[],
  betweenAttempts: () => Promise<void> = pause,
): Promise<Comparison> {
  const met = new Map<ExpectedDifference, number>();
  let open = requests;
  let unexpected: readonly Difference[] = [];
  for (let attempt = 1; attempt <= attempts && open.length > 0; attempt += 1) {
    if (attempt > 1) await betweenAttempts();
    const answers = await peers.ask(identities, open);
    const found = open.flatMap((request, index) => {
      const both = answers[index];
      if (both === undefined) throw new Error(`comparing answers: none for ${request.path}`);
      return differencesOf(request, both);
    });
    unexpected = found.filter((difference) => expectationOf(difference) === undefined);
    for (const difference of found) {
      const expectation = expectationOf(difference);
      if (expectation !== undefined) met.set(expectation, (met.get(expectation) ?? 0) + 1);
    }
    const again = new Set(unexpected.map(({ request }) => request));
    open = open.filter((request) => again.has(request));
  }
  return { asked: requests.length, unexpected, met };
}

/**
 * Whether both list the same pods, all of `expected` among them; before that every answer would differ.
 * @param expected as `namespace/name`
 */
export async function haveSamePods(
  peers: Pick<Peers, 'ask'>,
  identities: Identities,
  expected: readonly string[],
): Promise<boolean> {
  const [answers] = await peers.ask(identities, [
    asked(`${group}/v1beta1/pods`, { identity: usualIdentity }),
  ]);
  if (answers === undefined) return false;
  const [ours, theirs] = Object.values(answers).map((answer) => {
    if ('problem' in answer) throw new Error(answer.problem);
    const { items = [] } = JSON.parse(Buffer.from(answer.body, 'base64').toString()) as {
      items?: { metadata: { namespace: string; name: string } }[];
    };
    return new Set(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  });
  if (ours === undefined || theirs === undefined) return false;
  return (
    [...ours].toSorted().join() === [...theirs].toSorted().join() && expected.every((name) => ours.has(name))
  );
}
