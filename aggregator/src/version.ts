import type { ServerVersion } from './api/routes.ts';

/** What `/version` says. The fields are those of a Go program; what has no meaning here is empty. */
export function serverVersion(version: string): ServerVersion {
  const [major = '', minor = ''] = version.split('.');
  return {
    major,
    minor,
    gitVersion: `v${version}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
