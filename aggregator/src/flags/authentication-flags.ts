import { boolean, duration, optionalText, textList } from '@tacho/command-line';

const header = { pattern: /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/, expected: 'names of HTTP headers' };

/** How it is found out who asks. A CA that is not given here is read from the ConfigMap that kube-apiserver publishes. */
export const authenticationFlags = {
  'authentication-kubeconfig': optionalText({
    help: 'How to reach the API server that reviews tokens, where it is another than --kubeconfig leads to.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  'authentication-skip-lookup': boolean({
    help: 'Reads nothing from ConfigMap kube-system/extension-apiserver-authentication: only what these flags say is trusted.',
    default: false,
  }),
  'authentication-token-webhook-cache-ttl': duration({
    help: 'How long the review of a token holds.',
    default: '10s',
    min: '0s',
    max: '24h',
    outside: 'nearest',
  }),
  'authentication-tolerate-lookup-failure': boolean({
    help: 'Starts also when that ConfigMap cannot be read. Until it can, callers whom these flags do not cover are nobody.',
    default: false,
  }),
  'client-ca-file': optionalText({
    help: 'CA bundle, PEM, of clients who show a certificate of their own.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  'requestheader-client-ca-file': optionalText({
    help: 'CA bundle, PEM, of the proxy that says in headers who asks. With it the names below are those given here; without it both come from the ConfigMap.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  'requestheader-allowed-names': textList({
    help: 'Common names that the proxy’s certificate may have; any when there is none.',
    placeholder: 'NAMES',
  }),
  'requestheader-username-headers': textList({
    help: 'Headers with the user’s name; X-Remote-User where the proxy’s CA is given and they are not.',
    placeholder: 'HEADERS',
    shape: header,
  }),
  'requestheader-uid-headers': textList({
    help: 'Headers with the user’s UID.',
    placeholder: 'HEADERS',
    shape: header,
  }),
  'requestheader-group-headers': textList({
    help: 'Headers with the user’s groups; X-Remote-Group likewise.',
    placeholder: 'HEADERS',
    shape: header,
  }),
  'requestheader-extra-headers-prefix': textList({
    help: 'What headers with other facts about the user begin with; X-Remote-Extra- likewise.',
    placeholder: 'PREFIXES',
    shape: header,
  }),
};
