import { rootCertificates } from 'node:tls';
import type { LayerEntry } from './layer.ts';
import type { NodeFiles } from './node-files.ts';

/** User and group of the programs. */
export const uid = 65532;

/**
 * Node with its libraries, and the few files that the C library reads. The bundle of CAs, which Node has inside of itself as well,
 * is where everybody else looks for one.
 */
export function runtimeEntries({ node, libraries }: NodeFiles): readonly LayerEntry[] {
  return [
    { type: 'file', path: '/usr/local/bin/node', mode: 0o755, source: node },
    ...libraries.map(({ path, source }): LayerEntry => ({ type: 'file', path, mode: 0o755, source })),
    { type: 'directory', path: '/tmp', mode: 0o1777 },
    { type: 'file', path: '/etc/passwd', content: `tacho:x:${uid}:${uid}::/:/sbin/nologin\n` },
    { type: 'file', path: '/etc/group', content: `tacho:x:${uid}:\n` },
    { type: 'file', path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
    {
      type: 'file',
      path: '/etc/ssl/certs/ca-certificates.crt',
      content: rootCertificates.map((certificate) => `${certificate.trim()}\n`).join(''),
    },
  ];
}
