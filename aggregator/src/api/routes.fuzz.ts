import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixtureReader, requestedMs, version } from './fixture-reader.ts';
import { type WildRequest, wildRequest } from './fixture-requests.ts';
import { checkSound } from './fixture-sound-answer.ts';
import { isWatchBody } from './protocol/api-message.ts';
import { createMetricsApi } from './routes.ts';
import { parseGoQuery } from './text/go-query.ts';

const api = createMetricsApi({
  ...{ reader: fixtureReader(), revisions: false, wallMs: () => requestedMs, served: () => {} },
  ...{ version, serverAddress: ':10443', otherPaths: ['/readyz', '/livez'] },
});

function ask({ method, target, headers }: WildRequest) {
  const [path = '', ...query] = target.split('?');
  const sent = new Map(headers.map(([name, value]) => [name.toLowerCase(), value] as const).reverse());
  const { body, ...answer } = api({
    ...{ method, path, query: parseGoQuery(query.join('?')) },
    header: (name) => sent.get(name),
  });
  if (isWatchBody(body)) throw new Error('found a watch where none is served');
  const pieces = typeof body === 'string' || Buffer.isBuffer(body) ? [body] : body;
  const copies: Buffer[] = [];
  for (const piece of pieces) if (piece !== undefined) copies.push(Buffer.from(piece as Buffer));
  const lowered = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status: answer.status, headers: Object.fromEntries(lowered), body: Buffer.concat(copies) };
}

test('createMetricsApi() has a sound answer to every request', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(wildRequest, (request) => {
      const answer = ask(request);
      seen.add(answer.status);
      // HEAD has the body that the adapter leaves out.
      checkSound(request.method === 'HEAD' ? { ...request, method: 'GET' } : request, answer);
    }),
    { numRuns: 170_000 },
  );
  expect([...seen].sort()).toEqual([200, 304, 400, 404, 405, 406, 422]);
});
