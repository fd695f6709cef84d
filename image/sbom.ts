import { createHash } from 'node:crypto';
import type { LicensedPart } from './licences.ts';
import type { Architecture } from './platform.ts';

/** What a list of parts is about. */
export interface SbomSubject {
  readonly version: string;
  readonly architecture: Architecture;
  /** RFC 3339; the day of the list, since the same commit must give the same bytes. */
  readonly created: string;
}

/**
 * A software bill of materials: everything in the image that is not tacho's own, as SPDX 2.3 in JSON (ISO/IEC 5962). The
 * same parts give the same text.
 */
export function sbom(
  parts: readonly LicensedPart[],
  { version, architecture, created }: SbomSubject,
): string {
  const image = {
    ...spdxPackage('tacho', version, 'Apache-2.0'),
    SPDXID: 'SPDXRef-tacho',
    primaryPackagePurpose: 'CONTAINER',
  };
  const packages = [...parts]
    .sort((a, b) => (title(a) < title(b) ? -1 : 1))
    .map((part, at) => ({
      ...spdxPackage(part.name, part.version, part.licence),
      SPDXID: `SPDXRef-part-${at + 1}`,
      ...(part.purl === undefined ? {} : { externalRefs: [packageUrl(part.purl)] }),
    }));
  const relationships = [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image.SPDXID },
    ...packages.map(({ SPDXID }) => ({
      ...{ spdxElementId: image.SPDXID, relationshipType: 'CONTAINS', relatedSpdxElement: SPDXID },
    })),
  ];
  const contents = { packages: [image, ...packages], relationships };
  const hash = createHash('sha256')
    .update(JSON.stringify([architecture, contents]))
    .digest('hex');
  const name = `tacho-${version}-${architecture}`;
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${hash}`,
    creationInfo: { created: inUtc(created), creators: ['Tool: tacho-image'] },
    ...contents,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function spdxPackage(name: string, versionInfo: string, licence: string) {
  return {
    ...{ name, versionInfo, licenseDeclared: licence, licenseConcluded: licence },
    // All of it comes from the package managers of the machine that builds.
    ...{ downloadLocation: 'NOASSERTION', copyrightText: 'NOASSERTION', filesAnalyzed: false },
  };
}

function packageUrl(referenceLocator: string) {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator };
}

/** As SPDX wants it: whole seconds, and no other zone. */
function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

function title({ name, version }: LicensedPart): string {
  return `${name} ${version}`;
}
