import {
  duration,
  integer,
  optionalChoice,
  optionalText,
  parsed,
  parsedList,
  text,
} from '@tacho/command-line';
import { cipherSuites } from '../serving/cipher-suites.ts';
import { keyExchangeGroups } from '../serving/key-exchange.ts';
import { sniFilesFlag } from './sni-files-flag.ts';
import { tlsMinVersion } from './tls-min-version.ts';

/** The two ports, and what they show of themselves. */
export const servingFlags = {
  'secure-port': integer({
    help: 'Port of the metrics API, HTTPS. 0 takes any free one.',
    default: 10250,
    min: 0,
    max: 65_535,
  }),
  'ingest-port': integer({
    help: 'Port that agents and pullers push to, gRPC over TLS. 0 takes any free one.',
    default: 10251,
    min: 0,
    max: 65_535,
  }),
  'bind-address': text({
    help: 'Address that both ports listen on.',
    placeholder: 'IP',
    default: '::',
    blank: 'unset',
  }),
  tls: optionalChoice(['self-managed', 'files'], {
    help: 'Where the serving certificate of both ports comes from. self-managed: replicas make a CA and a certificate, agree on them in --tls-secret, and publish the CA in --ca-config-map and in the APIServices. files: from --tls-cert-file and --tls-private-key-file; nothing is published.',
    fallback: 'files with --tls-cert-file, a pair in --cert-dir where that is given, else self-managed',
  }),
  'tls-secret': text({
    help: 'Secret in which replicas agree on the CA and the certificate. It must exist, empty to begin with.',
    placeholder: 'NAME',
    default: 'tacho-aggregator-tls',
  }),
  'ca-config-map': text({
    help: 'ConfigMap in which agents and pullers find the CA as ca.crt. It must exist, empty to begin with.',
    placeholder: 'NAME',
    default: 'tacho-aggregator-ca',
  }),
  'tls-cert-file': optionalText({
    help: 'PEM file of the serving certificate with its chain. Followed: a new pair is shown without a restart.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  'tls-private-key-file': optionalText({
    help: 'PEM file of its private key.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  'cert-dir': optionalText({
    help: 'Folder with apiserver.crt and apiserver.key; where they are not there, a self-signed pair is made and written. Of no account with --tls-cert-file or --tls.',
    placeholder: 'FOLDER',
    blank: 'unset',
  }),
  'tls-sni-cert-key': sniFilesFlag,
  'tls-min-version': parsed(
    {
      help: 'Oldest TLS version that the metrics API speaks: VersionTLS12 or VersionTLS13. Of the older two VersionTLS12 is taken.',
      placeholder: 'VERSION',
    },
    tlsMinVersion,
  ),
  'tls-cipher-suites': parsedList(
    {
      help: 'Cipher suites of the metrics API for TLS 1.2, comma-separated, by their Go names. Those of TLS 1.3 are always there.',
      placeholder: 'NAMES',
    },
    cipherSuites,
  ),
  'tls-curve-preferences': parsedList(
    {
      help: 'Key exchange groups of the metrics API, comma-separated, by the numbers of Go’s CurveID: 23, 24, 25, 29, 4587, 4588, 4589.',
      placeholder: 'NUMBERS',
    },
    keyExchangeGroups,
  ),
  'shutdown-delay-duration': duration({
    help: 'How long everything is still served after SIGTERM while /readyz says no, so that no request is sent to a replica that has gone.',
    default: '0s',
    min: '0s',
    max: '10m',
  }),
};
