import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type WildRequest, wildRequest } from '../api/fixture-requests.ts';
import { checkSound, type WholeAnswer } from '../api/fixture-sound-answer.ts';
import { startFuzzedServer, undecided } from './fixture-fuzzed-server.ts';
import { Wire } from './fixture-wire.ts';

type Fuzzed = Awaited<ReturnType<typeof startFuzzedServer>>;

/** Who asks: by the connection's certificate and the headers beside it. */
const callers = {
  master: {
    certificate: 'proxy',
    headers: [
      ['X-Remote-User', 'root'],
      ['X-Remote-Group', 'system:masters'],
    ],
  },
  ordinary: {
    certificate: 'proxy',
    headers: [
      ['X-Remote-User', 'jane'],
      ['x-remote-extra-a%2Fb', 'c,d'],
    ],
  },
  denied: {
    certificate: 'proxy',
    headers: [
      ['X-Remote-User', 'denied <b>"ü'],
      ['X-Remote-Group', ''],
    ],
  },
  undecided: { certificate: 'proxy', headers: [['X-Remote-User', undecided]] },
  nobody: { certificate: 'proxy', headers: [] },
  certified: { certificate: 'jane', headers: [] },
  anonymous: { certificate: undefined, headers: [] },
} as const;
type CallerName = keyof typeof callers;

const body = fc.constantFrom(
  '',
  '',
  '',
  'Content-Length: 3\r\n\r\nabc',
  'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
);
const caller = fc.constantFrom<CallerName>(
  ...(['master', 'master', 'ordinary', 'ordinary', 'ordinary', 'certified'] as const),
  ...(['denied', 'undecided', 'nobody', 'anonymous'] as const),
);
/** node:http takes no other targets: one that is none of these ends the connection with all that is under way on it. */
const isReadable = ({ target }: WildRequest) => /^(?:\/|\*|https?:\/\/)[\x21-\x7e]*$/.test(target);
const readable = (request: WildRequest): WildRequest =>
  isReadable(request) ? request : { ...request, target: `/${encodeURI(request.target.toWellFormed())}` };
const tame = fc.tuple(wildRequest.map(readable), body);
const talk = fc.record({
  caller,
  said: fc.oneof(
    { weight: 50, arbitrary: fc.array(tame, { minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.tuple(fc.tuple(wildRequest, body)) },
  ),
});

function bytesOf(name: CallerName, { method, target, headers }: WildRequest, rest: string): Buffer {
  const all = [['Host', 'tacho'], ...headers, ...callers[name].headers];
  const lines = all.map(([key, value]) => `${key}: ${value}\r\n`);
  return Buffer.from(
    `${method} ${target} HTTP/1.1\r\n${lines.join('')}${rest === '' ? '\r\n' : rest}`,
    'latin1',
  );
}

/** One connection for each certificate, opened anew when the server has ended it. */
class Wires {
  readonly #fuzzed: Fuzzed;
  readonly #open = new Map<string | undefined, Wire>();

  constructor(fuzzed: Fuzzed) {
    this.#fuzzed = fuzzed;
  }

  async of(name: CallerName): Promise<Wire> {
    const { certificate } = callers[name];
    const known = this.#open.get(certificate);
    if (known !== undefined && !known.ended) return known;
    const client = certificate === undefined ? undefined : this.#fuzzed[certificate];
    const wire = await Wire.open({ ...this.#fuzzed, client });
    this.#open.set(certificate, wire);
    return wire;
  }

  drop(name: CallerName): void {
    const { certificate } = callers[name];
    this.#open.get(certificate)?.close();
    this.#open.delete(certificate);
  }

  close(): void {
    for (const wire of this.#open.values()) wire.close();
  }
}

function check(name: CallerName, request: WildRequest, answer: WholeAnswer): void {
  if (name === 'undecided' && answer.status === 500) {
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    const text = answer.body.toString();
    if (request.method !== 'HEAD') expect(text).toMatch(/^Internal Server Error: "[^<>]*\n$/);
    return;
  }
  checkSound(isReadable(request) ? request : { ...request, method: 'GET' }, answer);
}

test('ApiServer has a sound answer to each request on a connection that is kept', async () => {
  await using fuzzed = await startFuzzedServer({ watchMs: (ms) => Math.min(ms / 1000, 5) });
  const wires = new Wires(fuzzed);
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(talk, async ({ caller: name, said }) => {
      const wire = await wires.of(name);
      wire.say(Buffer.concat(said.map(([request, rest]) => bytesOf(name, request, rest))));
      fuzzed.reported();
      try {
        for (const [request] of said) {
          const answer = await wire.answer(request.method === 'HEAD' && isReadable(request));
          if (answer === undefined)
            throw new Error(`the connection has ended before the answer to ${request.target}`);
          check(name, request, answer);
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          if (answer.headers['connection'] === 'close') {
            await wire.end();
            break;
          }
        }
        expect(wire.rest.toString('latin1')).toBe('');
      } catch (error) {
        wires.drop(name);
        throw error;
      }
    }),
    { numRuns: 12_500 },
  );
  wires.close();
  expect([...seen.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(30_000);
  const complaints = fuzzed.lines.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg);
  expect([...new Set(complaints)]).toEqual(['cannot authorize a request']);
});
