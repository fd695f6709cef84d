import { expect, test } from 'vitest';
import { completeTlsSecret } from './complete-tls-secret.ts';
import { names, namespace } from './fixture-trust.ts';
import { TlsSecretRule } from './tls-secret-rule.ts';

const metadata = { namespace, name: 'tls', resourceVersion: '1' };

test('TlsSecretRule remembers what another replica has written while it made something of its own', async () => {
  const nowMs = Date.now();
  const agreed: string[] = [];
  const rule = new TlsSecretRule(
    {
      wallMs: () => nowMs,
      monotonicMs: () => 0,
      publishedMs: () => undefined,
      distrusting: () => undefined,
      agreed: ({ bundle }) => agreed.push(bundle),
    },
    { namespace, name: 'tls', names },
  );
  const empty = { metadata };
  rule.observe(empty);
  const made = rule.decide(empty);
  const written = await completeTlsSecret({}, {}, names, nowMs);
  rule.observe({ metadata, data: written });
  expect((await made).write).toBeDefined();
  expect(await rule.decide({ metadata, data: written })).toEqual({});

  rule.observe(empty);
  expect(await rule.decide(empty)).toMatchObject({
    say: 'wrote the CA in use and the serving certificate in use',
    write: { body: { data: written } },
  });
  expect(agreed).toHaveLength(1);
});
