import fc from 'fast-check';
import { expect, test } from 'vitest';
import { certificateExtensions } from './certificate-extensions.ts';
import { frontProxyUser } from './front-proxy.ts';
import { impersonated } from './impersonation.ts';
import { decodedPath, wantedBy } from './wanted.ts';

const trust = {
  ...{ ca: [], allowedNames: [], usernameHeaders: ['x-remote-user'], uidHeaders: ['x-remote-uid'] },
  ...{ groupHeaders: ['x-remote-group'], extraHeaderPrefixes: ['x-remote-extra-'] },
};
const peer = {
  ...{ commonName: 'proxy', organizations: [], uids: [], sha256: '', clientChains: [] },
  frontProxyChains: [{ fromMs: 0, untilMs: 2 }],
};
const { signal } = new AbortController();
/** Names and values as they come off the wire: one character for each byte. */
const bytes = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
});
const name = fc.oneof(
  fc.constantFrom('X-Remote-User', 'x-remote-group', 'X-Remote-Uid', 'Impersonate-User', 'Impersonate-Group'),
  bytes.map((key) => `X-Remote-Extra-${key}`),
  bytes.map((key) => `Impersonate-Extra-${key}`),
  bytes,
);
const headers = fc.array(fc.tuple(name, bytes), { maxLength: 20 }).map((pairs) => pairs.flat());

test('frontProxyUser() says something of any headers', () => {
  fc.assert(
    fc.property(headers, (rawHeaders) => {
      const verdict = frontProxyUser(trust, peer, rawHeaders, 1);
      if (verdict === undefined || !('user' in verdict)) return;
      expect(verdict.user.name).not.toBe('');
      expect(verdict.user.groups).not.toContain('');
    }),
  );
});

test('impersonated() lets nobody become another whom no review allows', async () => {
  const request = { method: 'GET', path: '/', query: new URLSearchParams(), header: () => undefined };
  const caller = { name: 'jane', uid: '', groups: [], extra: {} };
  const access = { decide: async () => ({ allowed: false, reason: '' }) };
  await fc.assert(
    fc.asyncProperty(headers, async (rawHeaders) => {
      const outcome = await impersonated(request, caller, rawHeaders, access, signal);
      if ('user' in outcome) expect(outcome.user).toBe(caller);
      else expect([400, 403]).toContain(outcome.refusal.status);
    }),
  );
});

test('wantedBy() knows what any request wants', () => {
  const segment = fc.oneof(
    fc.constantFrom('apis', 'api', 'metrics.k8s.io', 'v1', 'namespaces', 'pods', 'watch', 'proxy', '', '%2f'),
    bytes,
  );
  const option = fc.tuple(fc.constantFrom('watch', 'fieldSelector', 'labelSelector', 'limit'), bytes);
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'BREW');
  fc.assert(
    fc.property(method, fc.array(segment), fc.array(option), (verb, segments, options) => {
      const path = decodedPath(`/${segments.join('/')}`);
      const wanted = wantedBy(verb, path, new URLSearchParams(options));
      expect('resourceAttributes' in wanted || 'nonResourceAttributes' in wanted).toBe(true);
    }),
  );
});

test('certificateExtensions() reads any bytes or says that they are no certificate', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (der) => {
      try {
        certificateExtensions(Buffer.from(der));
      } catch (error) {
        expect(String(error)).toMatch(/Cannot read a certificate/);
      }
    }),
  );
});
