import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFieldSelector, parseLabelSelector, pinnedName } from './selectors.ts';

const labelled = (labels: Record<string, string>) => ({ metadata: { labels } });

describe('parseLabelSelector()', () => {
  it.each([
    ['', { a: '1' }, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a!=1', {}, true],
    ['a in (1, 2),b', { a: '2', b: '' }, true],
    ['a in (1,2)', {}, false],
    ['a notin (1,2)', {}, true],
    ['a notin (1,2)', { a: '2' }, false],
    ['!a', {}, true],
    ['!a', { a: '' }, false],
    ['app.kubernetes.io/name=x,tier', { 'app.kubernetes.io/name': 'x', tier: 'web' }, true],
    ['a=', { a: '' }, true],
  ])('%j on %j is %s', (selector, labels, matches) => {
    expect(parseLabelSelector(selector)(labelled(labels))).toBe(matches);
  });

  it.each(['a=b=c', 'a in 1', '(a)', 'a,,b', 'a b'])('refuses %j', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow('unable to parse requirement');
  });

  it('either parses or refuses with 400, and a negation is the opposite', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=!,() in1') }), (selector) => {
        try {
          parseLabelSelector(selector)({ metadata: {} });
        } catch (error) {
          expect(error).toMatchObject({ status: { code: 400, reason: 'BadRequest' } });
        }
      }),
    );
    const key = fc.stringMatching(/^[a-z]{1,3}$/);
    fc.assert(
      fc.property(key, fc.array(key, { minLength: 1 }), fc.dictionary(key, key), (name, values, labels) => {
        const list = values.join(',');
        const inside = parseLabelSelector(`${name} in (${list})`)(labelled(labels));
        const outside = parseLabelSelector(`${name} notin (${list})`)(labelled(labels));
        expect(outside).toBe(!inside);
      }),
    );
  });
});

describe('parseFieldSelector()', () => {
  const pod = {
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
  };

  it.each([
    ['metadata.name=web', true],
    ['spec.nodeName=n2', false],
    ['status.phase!=Succeeded,status.phase!=Failed', true],
    ['status.phase==Running,metadata.namespace=default', true],
  ])('%j on a running pod is %s', (selector, matches) => {
    expect(parseFieldSelector(selector, ['spec.nodeName', 'status.phase'])(pod)).toBe(matches);
  });

  it('counts an absent field as empty', () => {
    expect(parseFieldSelector('spec.nodeName=', ['spec.nodeName'])({ metadata: {} })).toBe(true);
  });

  it('refuses a label that the kind does not support', () => {
    expect(() => parseFieldSelector('spec.color=red', [])).toThrow('field label not supported: spec.color');
  });
});

describe('pinnedName()', () => {
  it('is the name that metadata.name equals, never one that it differs from', () => {
    expect(pinnedName('spec.nodeName=a,metadata.name=web')).toBe('web');
    expect(pinnedName('metadata.name!=web')).toBeUndefined();
    expect(pinnedName('')).toBeUndefined();
  });
});
