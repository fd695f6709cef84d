import { expect, test } from 'vitest';
import { sbom } from './sbom.ts';

const parts = [
  { name: 'b', version: '1', licence: 'MIT', text: 'text of b', purl: 'pkg:npm/b@1' },
  { name: 'a', version: '2', licence: 'ISC', text: '' },
];
const subject = { version: '1.2.3', architecture: 'amd64', created: '2026-01-01T02:00:00+02:00' } as const;

test('sbom() is an SPDX 2.3 document that contains each part in the image', () => {
  const document = JSON.parse(sbom(parts, subject));
  expect(document).toMatchObject({
    ...{ spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT' },
    creationInfo: { created: '2026-01-01T00:00:00Z' },
  });
  expect(document.packages).toMatchObject([
    { name: 'tacho', versionInfo: '1.2.3', SPDXID: 'SPDXRef-tacho', licenseDeclared: 'Apache-2.0' },
    { name: 'a', versionInfo: '2', licenseDeclared: 'ISC' },
    {
      name: 'b',
      versionInfo: '1',
      externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:npm/b@1' }],
    },
  ]);
  const ids = document.packages.map(({ SPDXID }: { SPDXID: string }) => SPDXID);
  expect(document.relationships).toEqual([
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: ids[0] },
    { spdxElementId: ids[0], relationshipType: 'CONTAINS', relatedSpdxElement: ids[1] },
    { spdxElementId: ids[0], relationshipType: 'CONTAINS', relatedSpdxElement: ids[2] },
  ]);
});

test('sbom() gives the same text for the same parts in whatever order, and another name for others', () => {
  expect(sbom(parts.toReversed(), subject)).toBe(sbom(parts, subject));
  const nameOf = (text: string) => JSON.parse(text).documentNamespace as string;
  expect(nameOf(sbom(parts.slice(1), subject))).not.toBe(nameOf(sbom(parts, subject)));
});
