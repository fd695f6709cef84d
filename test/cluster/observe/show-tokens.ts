// Runs inside the cluster's network: reads a Showing from its input, writes what became of each token.
import { text } from 'node:stream/consumers';
import { FixtureAgent } from '../../../aggregator/src/ingest/fixture-agent.ts';

/** Input of this program, as JSON. */
export interface Showing {
  readonly replica: { readonly host: string; readonly port: number; readonly name: string };
  /** PEM of the CA that agents verify the replica with. */
  readonly ca: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** Of each token by its name: `heard`, or the gRPC status and the sentence with which the call ended. */
export type Shown = Readonly<Record<string, string>>;

const { replica, ca, tokens } = JSON.parse(await text(process.stdin)) as Showing;
const shown: Record<string, string> = {};
for (const [name, token] of Object.entries(tokens)) {
  using agent = new FixtureAgent(replica.port, ca, `Bearer ${token}`, replica);
  const ended = agent.ended.then(({ code, details }) => `${code}: ${details}`);
  shown[name] = await Promise.race([agent.greeted.then(() => 'heard'), ended]);
}
process.stdout.write(JSON.stringify(shown satisfies Shown));
