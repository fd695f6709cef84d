import type { Flag } from '@tacho/command-line';
import type { SniFiles } from '../serving/sni-pairs.ts';

/** `--tls-sni-cert-key cert,key[:names]`, any number of times. */
export const sniFilesFlag: Flag<readonly SniFiles[]> = {
  placeholder: 'CERT,KEY[:NAMES]',
  help: 'Another pair of the metrics API, shown to clients that ask for one of its names, wildcards such as *.example.com among them. Without names they are those of the certificate. The first pair with a name has it; a name given here goes before one read from a certificate.',
  defaultText: undefined,
  env: undefined,
  repeatable: true,
  read(texts) {
    const value: SniFiles[] = [];
    for (const text of texts) {
      const files = sniFiles(text);
      if (files === undefined) {
        return { problem: `expected CERT,KEY or CERT,KEY:NAME,NAME, found "${text}"` };
      }
      value.push(files);
    }
    return { value };
  },
};

function sniFiles(text: string): SniFiles | undefined {
  const colon = text.indexOf(':');
  const files = parts(colon < 0 ? text : text.slice(0, colon));
  const names = colon < 0 ? [] : parts(text.slice(colon + 1));
  const [certFile, keyFile] = files;
  if (files.length !== 2 || !certFile || !keyFile || names.includes('')) return undefined;
  return { certFile, keyFile, names };
}

function parts(list: string): string[] {
  return list.split(',').map((part) => part.trim());
}
