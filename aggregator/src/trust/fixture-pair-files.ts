import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateAndKey } from '../../../test/stand-ins/kube-apiserver/pki.ts';

/** A Secret with a pair, mounted as the kubelet does it: `tls.crt` leads through the link `..data` into a folder. */
export function mountPair(first: CertificateAndKey) {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-pair-'));
  let revision = 0;
  /** Exchanges both files in one instant. */
  const exchange = ({ certificate, key }: { certificate: string; key: string }) => {
    revision += 1;
    const target = `..revision-${revision}`;
    mkdirSync(join(folder, target));
    writeFileSync(join(folder, target, 'tls.crt'), certificate);
    writeFileSync(join(folder, target, 'tls.key'), key);
    symlinkSync(target, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, `..revision-${revision - 1}`), { recursive: true, force: true });
  };
  exchange(first);
  const files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(folder, name));
  return { folder, files, exchange, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
