import { expect, test } from 'vitest';
import { readKubernetesProtobuf } from './wire-tree.ts';

const body = (hex: string) => Buffer.from(`6b387300${hex.replaceAll(' ', '')}`, 'hex');

/** A Status that says `no`, with code 404 and nothing else of its own. */
const status = '0a0c 0a027631 1206537461747573 1207 1a026e6f 309403';

test('readKubernetesProtobuf() shows fields in their order and those that are empty', () => {
  const list =
    '0a28 0a16 6d6574726963732e6b38732e696f2f76316265746131 120e 506f644d6574726963734c697374 1208 0a06 0a00 1200 1a00 1a00 2200';
  const tree = readKubernetesProtobuf(body(list));
  expect(tree).toEqual({
    typeMeta: { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetricsList' },
    raw: { metadata: { selfLink: '', resourceVersion: '', continue: '' } },
    contentEncoding: '',
    contentType: '',
  });
  expect(Object.keys(tree)).toEqual(['typeMeta', 'raw', 'contentEncoding', 'contentType']);
});

test('readKubernetesProtobuf() fills in nothing', () => {
  expect(readKubernetesProtobuf(body(status)).raw).toEqual({ message: 'no', code: 404 });
});

test('readKubernetesProtobuf() shows a field that no description has', () => {
  const unknown = status.replace('1207 1a026e6f 309403', '1204 7a02abcd');
  expect(readKubernetesProtobuf(body(unknown)).raw).toEqual({ '#15': 'abcd' });
});

test('readKubernetesProtobuf() refuses a body without its first four bytes', () => {
  expect(() => readKubernetesProtobuf(Buffer.from('{"a":1}'))).toThrow(
    'expected k8s\\0, found 7b2261223a317d',
  );
});

test('readKubernetesProtobuf() refuses a body that ends early', () => {
  expect(() => readKubernetesProtobuf(body('0a0c 0a02'))).toThrow('expected 12 bytes, found 2');
});
