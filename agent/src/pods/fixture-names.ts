import * as fc from 'fast-check';

const label = (maxLength: number) =>
  fc
    .tuple(
      fc.constantFrom(...'abcxyz019'),
      fc.string({ unit: fc.constantFrom(...'ab01-'), maxLength: maxLength - 2 }),
      fc.constantFrom(...'az09'),
    )
    .map((parts) => parts.join(''));

/** Names as the API server takes them: of pods up to 253 characters with dots, of namespaces and containers 63. */
export const podName = fc
  .array(label(80), { minLength: 1, maxLength: 4 })
  .map((labels) =>
    labels
      .join('.')
      .slice(0, 253)
      .replace(/[.-]+$/, ''),
  )
  .filter((name) => name !== '');
export const namespaceName = label(63);
export const containerName = label(63);

export const containerIds = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

/** UUIDs, hashes of manifests, and what people write by hand. */
export const podUids = fc.oneof(
  fc.uuid(),
  containerIds.map((hash) => hash.slice(0, 32)),
  fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
);

/** A text with some of its characters left out, put in twice, or replaced. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(300),
    remove: fc.nat(3),
    add: fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.constantFrom('_', '-', '.log', '/', '.scope', ':', '0', ''),
    ),
  });
  return fc.tuple(texts, fc.array(edit, { maxLength: 3 })).map(([text, edits]) => {
    let changed = text;
    for (const { at, remove, add } of edits) {
      const position = at % (changed.length + 1);
      changed = changed.slice(0, position) + add + changed.slice(position + remove);
    }
    return changed;
  });
}
