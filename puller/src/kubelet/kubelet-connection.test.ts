import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { type Illness, SimulatedKubelet } from '../../../test/stand-ins/kubelet-metrics/simulated-kubelet.ts';
import { KubeletConnection } from './kubelet-connection.ts';
import { KubeletCredentials } from './kubelet-credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'tacho-kubelet-'));
afterAll(() => rmSync(folder, { recursive: true }));
let ca: CertificateAuthority;
beforeAll(async () => {
  ca = await createCertificateAuthority('cluster-ca');
  writeFileSync(join(folder, 'ca.crt'), ca.certificate);
  writeFileSync(join(folder, 'token'), 'secret-token\n');
});
let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

const credentials = {
  certificateAuthority: join(folder, 'ca.crt'),
  tokenFile: join(folder, 'token'),
  clientCertificate: undefined as string | undefined,
  clientKey: undefined as string | undefined,
  insecure: false,
};
const until = new AbortController().signal;

async function kubelet(
  http: 1 | 2,
  { authority = ca, names = ['127.0.0.1'], illness = undefined as Illness | undefined } = {},
) {
  const made = cleanUp.use(await SimulatedKubelet.listen(await authority.issueServing(names), { http }));
  made.illness = illness;
  made.figures = (nowMs) => ({
    node: { cpuSeconds: 1, memoryBytes: 2, sampledMs: nowMs },
    containers: [
      {
        namespace: 'n',
        pod: 'p',
        container: 'c',
        cpuSeconds: 3,
        memoryBytes: 4e9,
        sampledMs: nowMs,
        startedMs: nowMs - 5_000,
      },
      {
        namespace: 'n',
        pod: 'q',
        container: 'c',
        cpuSeconds: 3,
        memoryBytes: 4e9,
        sampledMs: nowMs,
        startedMs: nowMs - 5_000,
      },
    ],
  });
  return made;
}

function connection(options: Partial<typeof credentials> = {}, requestTimeoutMs = 5_000) {
  const made = new KubeletConnection({
    credentials: new KubeletCredentials({ ...credentials, ...options }),
    requestTimeoutMs,
    monotonicMs: () => performance.now(),
  });
  cleanUp.defer(() => made.close());
  return made;
}

const at =
  ({ host, port }: SimulatedKubelet) =>
  () =>
    `https://${host}:${port}`;

test.each([1, 2] as const)(
  'KubeletConnection.pull() reads a kubelet over HTTP/%d, always on one connection',
  async (http) => {
    const asked = await kubelet(http);
    const own = connection();
    for (let count = 0; count < 3; count += 1) {
      const { answer, problem } = await own.pull(at(asked), until);
      expect(problem).toBeUndefined();
      expect(answer?.readings.containers).toMatchObject([{ pod: 'p', memoryBytes: 4e9 }, { pod: 'q' }]);
      expect(Math.abs((answer?.exchange.dateMs ?? 0) - Date.now())).toBeLessThan(5_000);
    }
    expect(asked.asked).toHaveLength(3);
    expect(asked.asked[0]).toEqual({
      url: '/metrics/resource',
      authorization: 'Bearer secret-token',
      httpVersion: http === 1 ? '1.1' : '2.0',
    });
    expect(asked.connections).toBe(1);
  },
);

const both = (illness: Illness, reason: string, words: RegExp) =>
  ([1, 2] as const).map((http) => [illness, http, reason, words] as const);

test.each([
  ...both('hung', 'hung', /no answer within 2 s.*--kubelet-request-timeout/),
  ...both('stalled', 'hung', /its answer did not end within 2 s/),
  ...both('status 500', 'status', /it answered 500: the kubelet itself could not say it: its log says why/),
  ...both('status 401', 'status', /it answered 401: .*--authentication-token-webhook/),
  ...both('redirect', 'status', /it answered 302: no kubelet redirects/),
  ...both('truncated', 'truncated', /its answer broke off/),
  ...both('cut off', 'truncated', /its answer ends in the middle of line \d+/),
  ...both('rubbish', 'malformed', /its 3 lines have nothing of a kubelet’s/),
  ...both('no date', 'malformed', /has no Date/),
  ...both('compressed', 'malformed', /it compressed its answer/),
])(
  'KubeletConnection.pull() says of a kubelet that is %s over HTTP/%d: %s',
  async (illness, http, reason, words) => {
    const ill = await kubelet(http, { illness });
    const own = connection({}, reason === 'hung' ? 2_000 : 9_000);
    const { answer, problem } = await own.pull(at(ill), until);
    expect(answer).toBeUndefined();
    expect(problem).toEqual({ reason, message: expect.stringMatching(words) });
    expect(problem?.message).toContain(`asked https://127.0.0.1:${ill.port}/metrics/resource; `);
    expect(problem?.message).not.toMatch(/secret/);
    expect(Buffer.byteLength(problem?.message ?? '')).toBeLessThanOrEqual(1_024);
    ill.illness = undefined;
    expect((await connection().pull(at(ill), until)).problem).toBeUndefined();
    expect((await own.pull(at(ill), until)).answer).toBeDefined();
  },
);

test.each([1, 2] as const)(
  'KubeletConnection.pull() reads no more than 32 MiB of an endless answer over HTTP/%d',
  async (http) => {
    const ill = await kubelet(http, { illness: '200 MiB' });
    const { bytes, problem } = await connection({}, 9_000).pull(at(ill), until);
    expect(problem).toMatchObject({ reason: 'too large' });
    expect(bytes).toBeLessThan(33 * 2 ** 20);
  },
);

test('KubeletConnection.pull() reads what is sound beside a series that is there twice', async () => {
  const ill = await kubelet(1, { illness: 'duplicate series' });
  const { answer, problem } = await connection().pull(at(ill), until);
  expect(problem).toBeUndefined();
  expect(answer?.readings).toMatchObject({
    containers: [
      { pod: 'p', flaw: 'twice' },
      { pod: 'q', flaw: undefined },
    ],
    flaws: 1,
  });
});

test.each([
  [
    'another CA has signed',
    async () => kubelet(1, { authority: await createCertificateAuthority('cluster-ca') }),
  ],
  ['is of another name', () => kubelet(2, { names: ['10.0.0.1'] })],
])(
  'KubeletConnection.pull() shows no token to a kubelet whose certificate %s, unless it is told to',
  async (_, make) => {
    const impostor = await make();
    const { problem } = await connection().pull(at(impostor), until);
    expect(problem).toEqual({
      reason: 'certificate',
      message: expect.stringMatching(
        /does not prove that it is this kubelet \([A-Z_]+\), so it was shown no token: .*--kubelet-certificate-authority/,
      ),
    });
    expect(impostor.asked).toEqual([]);
    expect((await connection({ insecure: true }).pull(at(impostor), until)).problem).toBeUndefined();
    expect(impostor.asked).toHaveLength(1);
  },
);

test('KubeletConnection.pull() verifies each connection by what the file holds then', async () => {
  const certificateAuthority = join(folder, 'changing.crt');
  writeFileSync(certificateAuthority, ca.certificate);
  const asked = await kubelet(1);
  const own = connection({ certificateAuthority });
  expect((await own.pull(at(asked), until)).problem).toBeUndefined();
  writeFileSync(certificateAuthority, (await createCertificateAuthority('next-ca')).certificate);
  asked.drop();
  await eventually(async () => {
    expect((await own.pull(at(asked), until)).problem).toMatchObject({ reason: 'certificate' });
  });
  expect(asked.asked).toHaveLength(1);
});

test('KubeletConnection.pull() shows a client certificate instead of the token', async () => {
  const { certificate, key } = await ca.issueClient({ commonName: 'puller' });
  const files = { clientCertificate: join(folder, 'client.crt'), clientKey: join(folder, 'client.key') };
  writeFileSync(files.clientCertificate, certificate);
  writeFileSync(files.clientKey, key);
  const asked = await kubelet(1);
  expect((await connection(files).pull(at(asked), until)).problem).toBeUndefined();
  expect(asked.asked[0]?.authorization).toBeUndefined();
});

test('KubeletConnection.pull() takes the token anew for each request, and says what it lacks', async () => {
  const asked = await kubelet(1);
  const tokenFile = join(folder, 'another-token');
  const own = connection({ tokenFile });
  expect((await own.pull(at(asked), until)).problem).toEqual({
    reason: 'credentials',
    message: expect.stringMatching(/ENOENT.*another-token/),
  });
  for (const token of ['one', 'two']) {
    writeFileSync(tokenFile, token);
    await own.pull(at(asked), until);
  }
  expect(asked.asked.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer two']);
});

test('KubeletConnection.pull() says where nothing listens, and goes over to another address', async () => {
  const gone = await kubelet(1);
  const place = at(gone)();
  await gone[Symbol.asyncDispose]();
  const own = connection();
  expect((await own.pull(() => place, until)).problem).toMatchObject({
    reason: 'refused',
    message: expect.stringMatching(/nothing listens there.*--kubelet-port/),
  });
  expect((await own.pull(at(await kubelet(2)), until)).problem).toBeUndefined();
});

test('KubeletConnection.pull() ends at once when it is told to stop', async () => {
  const stop = new AbortController();
  const hung = await kubelet(1, { illness: 'hung' });
  const pulling = connection().pull(at(hung), stop.signal);
  await eventually(() => expect(hung.asked).toHaveLength(1));
  stop.abort();
  expect((await pulling).answer).toBeUndefined();
});
