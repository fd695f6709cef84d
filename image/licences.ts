import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** One piece of foreign work inside the image. */
export interface LicensedPart {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** The texts that come with it; empty when it brings none. */
  readonly text: string;
  /** Package URL (github.com/package-url); without it nobody else knows it by a name. */
  readonly purl?: string;
}

/**
 * What is part of a bundle, from the bundler's own account of it.
 * @param inputs paths relative to the repository, as in a metafile's outputs
 * @returns folders of packages, sorted; tacho's own sources are left out
 */
export function bundledPackages(outputs: Metafile['outputs']): readonly string[] {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** @throws when the package does not say its name, version and licence */
export function licensedPackage(folder: string): LicensedPart {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  if (typeof name !== 'string' || typeof version !== 'string' || typeof license !== 'string')
    throw new Error(
      `Cannot list the licence of ${folder}: expected name, version and license in its package.json`,
    );
  // In a package URL the scope's @ is escaped.
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { name, version, licence: license, text: licenceTexts(folder), purl };
}

function licenceTexts(folder: string): string {
  const texts = readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|notice|copying)/i.test(name))
    .sort();
  return texts.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
}

/** Packages of the C and C++ runtime by the beginning of a library's file name. */
const systemLibraries: readonly (readonly [RegExp, { readonly name: string; readonly licence: string }])[] = [
  [
    /^lib(?:stdc\+\+|gcc_s|atomic)\./,
    { name: 'libgcc-s1', licence: 'GPL-3.0-or-later WITH GCC-exception-3.1' },
  ],
  [/^(?:ld-|ld64|lib(?:c|m|dl|rt|pthread)\.)/, { name: 'libc6', licence: 'LGPL-2.1-or-later' }],
];

/** Where Debian and its kin keep what they say of the packages that shared libraries come from. */
export interface SystemPackages {
  /** The folder of the packages' copyrights. */
  readonly documentation: string;
  /** Undefined where nobody knows. */
  version(name: string): string | undefined;
}

/**
 * @param libraries file names of shared libraries
 * @throws on a library that is not known: its licence has to be looked up before it is handed on
 */
export function licensedLibraries(
  libraries: readonly string[],
  { documentation, version }: SystemPackages,
): readonly LicensedPart[] {
  const parts = libraries.map((library) => {
    const known = systemLibraries.find(([pattern]) => pattern.test(library));
    if (known === undefined)
      throw new Error(`Cannot list the licence of ${library}: expected a library of glibc or GCC`);
    return known[1];
  });
  return [...new Set(parts)].map((part) => {
    const copyright = join(documentation, part.name, 'copyright');
    const text = existsSync(copyright) ? readFileSync(copyright, 'utf8').trim() : '';
    const found = version(part.name);
    if (found === undefined) return { ...part, version: 'of the system that built the image', text };
    return {
      ...part,
      version: found,
      text,
      purl: `pkg:deb/debian/${part.name}@${encodeURIComponent(found)}`,
    };
  });
}

/** The file that goes into the image: a list first, then all texts. */
export function licencesText(parts: readonly LicensedPart[]): string {
  const title = ({ name, version, licence }: LicensedPart) => `${name} ${version}: ${licence}`;
  const sorted = [...parts].sort((a, b) => (title(a) < title(b) ? -1 : 1));
  const texts = sorted
    .filter(({ text }) => text !== '')
    .map((part) => `==== ${title(part)}\n\n${part.text}\n`);
  return [`${sorted.map(title).join('\n')}\n`, ...texts].join('\n');
}
