import {
  described,
  list,
  metaPackage,
  object,
  reference,
  type Schemas,
  text,
  typeMeta,
  versionInfoName,
} from './openapi-schema.ts';

const groupVersionName = `${metaPackage}.GroupVersionForDiscovery`;

/** Schemas of what `/apis`, `/apis/GROUP` and `/version` answer. */
export const discoverySchemas: Schemas = {
  [`${metaPackage}.APIGroup`]: object('A group of the API and its versions.', ['name', 'versions'], {
    ...typeMeta,
    name: text('Name of the group.'),
    preferredVersion: described('The version to use if both sides know it.', groupVersionName),
    serverAddressByClientCIDRs: list(
      'Where clients reach the server.',
      reference(`${metaPackage}.ServerAddressByClientCIDR`),
    ),
    versions: list('Its versions, the preferred one first.', reference(groupVersionName)),
  }),
  [`${metaPackage}.APIGroupList`]: object('The groups of the API.', ['groups'], {
    ...typeMeta,
    groups: list('The groups.', reference(`${metaPackage}.APIGroup`)),
  }),
  [groupVersionName]: object('A version of a group.', ['groupVersion', 'version'], {
    groupVersion: text('Group and version, with a slash between.'),
    version: text('The version alone.'),
  }),
  [`${metaPackage}.ServerAddressByClientCIDR`]: object(
    'An address of the server for some clients.',
    ['clientCIDR', 'serverAddress'],
    {
      clientCIDR: text('Addresses of the clients.'),
      serverAddress: text('Host and port.'),
    },
  ),
  [versionInfoName]: object(
    'The program that answers, in the terms of a Go program.',
    [
      ...['major', 'minor', 'gitVersion', 'gitCommit', 'gitTreeState', 'buildDate'],
      ...['goVersion', 'compiler', 'platform'],
    ],
    {
      buildDate: text('When it was built.'),
      compiler: text('What runs it.'),
      gitCommit: text('Commit that it was built from.'),
      gitTreeState: text('Whether the sources were as committed.'),
      gitVersion: text('Version, with a v before it.'),
      goVersion: text('Version of Go; empty here.'),
      major: text('First part of the version.'),
      minor: text('Second part of the version.'),
      platform: text('Operating system and processor.'),
    },
  ),
};
