/** Headers of every sort for the fuzz tests. */
import fc from 'fast-check';

/** What a header's value or a request's target may hold: no control characters, of which DEL is one. */
export const wireText = (from: number, maxLength: number) =>
  fc.string({
    unit: fc
      .integer({ min: from, max: 0xff })
      .map((code) => String.fromCharCode(code === 0x7f ? 0x7e : code)),
    maxLength,
  });
export const long = fc
  .tuple(fc.constantFrom('a', '%41', '/', ',', 'ä', '(', 'a=b,'), fc.integer({ min: 100, max: 9_000 }))
  .map(([unit, times]) => unit.repeat(times).slice(0, 20_000));

const mediaType = fc.constantFrom(
  ...['*/*', 'application/*', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'],
  ...[
    'application/cbor',
    'text/html',
    'Application/JSON',
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  ],
  ...['application/com.github.proto-openapi.spec.v3.v1.0+protobuf', 'a', '/', ''],
);
const parameter = fc.constantFrom(
  ...[
    '',
    ';q=0.5',
    ';q=x',
    ';as=Table;g=meta.k8s.io;v=v1',
    ';as=Table;v=v1beta1;g=meta.k8s.io',
    ';stream=watch',
  ],
  ...[
    ';as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ';as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    ';sv=v1',
  ],
  ...[
    ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    ';pretty=1',
    ';as=APIGroupDiscoveryList',
    ';charset="',
    ';',
  ],
);
const clause = fc.tuple(mediaType, parameter).map((parts) => parts.join(''));
const accept = fc.oneof(
  { weight: 3, arbitrary: clause },
  { weight: 3, arbitrary: fc.array(clause, { maxLength: 4 }).map((clauses) => clauses.join(', ')) },
  { weight: 1, arbitrary: wireText(0x20, 30) },
  { weight: 1, arbitrary: long },
);
const named = (names: readonly string[], values: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom(...names), values);
const header = fc.oneof(
  { weight: 6, arbitrary: named(['accept', 'Accept', 'ACCEPT'], accept) },
  {
    weight: 2,
    arbitrary: named(
      ['Accept-Encoding'],
      fc.constantFrom('gzip', 'gzip;q=0', 'br, gzip', 'identity', '*', ' '),
    ),
  },
  {
    weight: 2,
    arbitrary: named(
      ['If-None-Match', 'If-Modified-Since'],
      fc.oneof(fc.constantFrom('*', '"x"', 'W/"x",*'), wireText(0x20, 9)),
    ),
  },
  {
    weight: 2,
    arbitrary: named(
      ['Audit-ID', 'User-Agent', 'X-Forwarded-For', 'Expect', 'Upgrade'],
      fc.oneof(wireText(0x20, 20), long),
    ),
  },
  {
    weight: 1,
    arbitrary: named(
      ['Expect', 'Upgrade', 'Connection'],
      fc.constantFrom('100-continue', 'x', 'h2c', 'websocket', 'upgrade', 'close'),
    ),
  },
  {
    weight: 1,
    arbitrary: named(
      ['Authorization'],
      fc.constantFrom('Bearer good', 'Bearer  x', 'bearer bad', 'Bearer', 'Basic eDp4', ''),
    ),
  },
  {
    weight: 1,
    arbitrary: named(
      [
        'Impersonate-User',
        'Impersonate-Group',
        'Impersonate-Uid',
        'Impersonate-Extra-%zz',
        'impersonate-extra-A%2fB',
      ],
      fc.oneof(
        fc.constantFrom('jane', 'denied', 'system:serviceaccount:a:b', 'system:anonymous', ''),
        wireText(0x20, 9),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: named(
      [
        'X-Remote-Group',
        'X-Remote-Uid',
        'X-Remote-Extra-Scopes',
        'X-Remote-Extra-%zz',
        'x-remote-extra-__proto__',
      ],
      wireText(0x20, 20),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/), wireText(0x20, 40)),
  },
);
/** They frame the message: the fuzz test of mutated bytes plays with them. */
const framing: readonly string[] = ['content-length', 'transfer-encoding', 'host'];

export const wildHeaders: fc.Arbitrary<readonly (readonly [string, string])[]> = fc
  .array(header, { maxLength: 6 })
  .map((pairs) => pairs.filter(([name]) => !framing.includes(name.toLowerCase())));
