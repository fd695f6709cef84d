import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeExtraKey, proxyRequestHeaders, proxyResponseHeaders } from './proxy-headers.ts';

const alice = {
  username: 'alice',
  uid: 'u-1',
  groups: ['dev, ops', 'system:authenticated'],
  extra: { 'example.org/Team': ['a', 'b'] },
};
const forwarded = { host: 'api:6443', uri: '/apis/x/v1', for: '10.0.0.1', auditId: 'audit-1' };

describe('proxyRequestHeaders()', () => {
  it('names the user, one header a value', () => {
    expect(proxyRequestHeaders([], alice, forwarded)).toEqual({
      'audit-id': ['audit-1'],
      'X-Forwarded-For': '10.0.0.1',
      'X-Forwarded-Host': 'api:6443',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Uri': '/apis/x/v1',
      'X-Remote-User': ['alice'],
      'X-Remote-Uid': ['u-1'],
      'X-Remote-Group': ['dev, ops', 'system:authenticated'],
      'X-Remote-Extra-example.org%2FTeam': ['a', 'b'],
    });
  });

  it('drops what the client says about identity and the connection, in any case, and keeps the rest', () => {
    const sent = [
      ...['Accept', 'a/b', 'accept', 'c/d', 'AUTHORIZATION', 'Bearer t', 'x-ReMoTe-user', 'root'],
      ...['X-Remote-Extra-scopes', 'all', 'Impersonate-User', 'root', 'TE', 'trailers', 'Host', 'api'],
      ...['X-Forwarded-For', '6.6.6.6', 'Audit-ID', 'mine'],
    ];
    const headers = proxyRequestHeaders(sent, { username: 'bob', groups: [] }, forwarded);
    expect(headers).toEqual({
      accept: ['a/b', 'c/d'],
      'audit-id': ['mine'],
      'X-Forwarded-For': '10.0.0.1',
      'X-Forwarded-Host': 'api:6443',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Uri': '/apis/x/v1',
      'X-Remote-User': ['bob'],
    });
  });

  it('writes characters beyond ASCII as the bytes of their UTF-8', () => {
    const headers = proxyRequestHeaders([], { username: 'zoë', groups: [] }, forwarded);
    expect(Buffer.from(String(headers['X-Remote-User']), 'latin1').toString()).toBe('zoë');
  });
});

describe('escapeExtraKey()', () => {
  it('gives a legal header name that decodes to the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        const escaped = escapeExtraKey(key);
        expect(escaped).toMatch(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
        expect(decodeURIComponent(escaped)).toBe(key);
      }),
    );
  });
});

describe('proxyResponseHeaders()', () => {
  it('keeps order and repetition, without those of the connection', () => {
    const raw = ['A', '1', 'Connection', 'close', 'a', '2', 'Transfer-Encoding', 'chunked'];
    expect(proxyResponseHeaders(raw)).toEqual(['A', '1', 'a', '2']);
  });
});
