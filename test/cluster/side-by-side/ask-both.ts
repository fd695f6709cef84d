// Runs inside the cluster's network: reads Questions from its input, writes a list of Answers. Certificates of the
// servers are not looked at: each has its own authority, and who answers is known from the address.
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request as send } from 'node:https';
import { text } from 'node:stream/consumers';
import {
  type Answer,
  type Answers,
  type Credentials,
  pathFor,
  type Questions,
  type Server,
  type SharedRequest,
  servers,
} from './exchange.ts';

const atOnce = 6;
/** Nothing that both answer takes so long; a watch goes on. */
const longestAnswerMs = 4_000;

const { urls, identities, requests } = JSON.parse(await text(process.stdin)) as Questions;
const agents = new Map<string, Agent>();

function agentFor(server: Server, identity: string, { certificate, key }: Credentials): Agent {
  const name = `${server} ${identity}`;
  const pair = certificate === undefined || key === undefined ? {} : { cert: certificate, key };
  const agent =
    agents.get(name) ??
    new Agent({
      keepAlive: true,
      maxSockets: 2,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...pair,
    });
  agents.set(name, agent);
  return agent;
}

async function ask(server: Server, shared: SharedRequest): Promise<Answer | { readonly problem: string }> {
  const credentials = identities[shared.identity];
  if (credentials === undefined) return { problem: `no identity "${shared.identity}"` };
  const url = new URL(urls[server]);
  const options: RequestOptions = {
    agent: agentFor(server, shared.identity, credentials),
    host: url.hostname,
    port: url.port,
    method: shared.method,
    path: pathFor(server, shared),
    headers: { ...credentials.headers, ...shared.headers } as Record<string, string | string[]>,
  };
  for (let left = 1; ; left -= 1) {
    try {
      return await answerTo(options);
    } catch (error) {
      // Either server may close an idle connection at any moment.
      if (left === 0) return { problem: error instanceof Error ? error.message : String(error) };
    }
  }
}

function answerTo(options: RequestOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = send(options);
  let received: { readonly response: IncomingMessage; readonly chunks: Buffer[] } | undefined;
  const timer = setTimeout(() => {
    done(true);
    sent.destroy(new Error(`no answer within ${longestAnswerMs} ms`));
  }, longestAnswerMs);
  function done(cut: boolean): void {
    if (received === undefined) return;
    clearTimeout(timer);
    const { response, chunks } = received;
    const headers: Record<string, string[]> = {};
    for (const [name, values] of Object.entries(response.headersDistinct)) headers[name] = values ?? [];
    const body = Buffer.concat(chunks).toString('base64');
    resolve({ status: response.statusCode ?? 0, headers, body, cut });
  }
  sent.once('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  sent.once('response', (response) => {
    const chunks: Buffer[] = [];
    received = { response, chunks };
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () => done(false));
    response.once('error', () => done(true));
  });
  sent.end();
  return promise;
}

const answers: Answers[] = [];
const waiting = requests.entries();
async function work(): Promise<void> {
  for (const [index, shared] of waiting) {
    const both = await Promise.all(servers.map((server) => ask(server, shared)));
    answers[index] = Object.fromEntries(servers.map((server, at) => [server, both[at]])) as Answers;
  }
}
await Promise.all(Array.from({ length: atOnce }, work));
for (const agent of agents.values()) agent.destroy();
process.stdout.write(JSON.stringify(answers));
