import { isIP } from 'node:net';
import { type FlagValues, optionalText, text, textList } from '@tacho/command-line';
import { parseHostPort } from './replica-address.ts';

/** Where the aggregator is and how both prove themselves: flags of every program that pushes. */
export const aggregatorFlags = {
  aggregator: textList({
    help: 'Where the aggregator is, host:port; a name may stand for several replicas. Each gets a stream of its own, and tells of the others.',
    placeholder: 'HOST:PORT',
    env: 'TACHO_AGGREGATOR',
    required: true,
    shape: {
      pattern: { test: (target) => parseHostPort(target) !== undefined },
      expected: 'host:port',
    },
  }),
  'aggregator-server-name': optionalText({
    help: 'Name that the aggregator’s certificate must carry, when it is not the host it is reached by.',
    placeholder: 'NAME',
  }),
  'aggregator-ca-file': text({
    help: 'PEM bundle of the CA that the aggregator’s certificate must chain to. Read anew for each connection.',
    placeholder: 'FILE',
    default: '/var/run/tacho/ca.crt',
  }),
  'token-file': text({
    help: 'Service account token of this pod with the aggregator’s audience. Read anew for each connection.',
    placeholder: 'FILE',
    default: '/var/run/tacho/token',
  }),
};

/** Problems between flags that are well by themselves. */
export function aggregatorRelations(values: Partial<FlagValues<typeof aggregatorFlags>>): readonly string[] {
  const { aggregator = [], 'aggregator-server-name': serverName } = values;
  const address = aggregator.find((target) => isIP(parseHostPort(target)?.host ?? ''));
  // TLS has names only (RFC 6066 section 3): without one no certificate could be verified.
  return address === undefined || serverName !== undefined
    ? []
    : [
        `--aggregator=${address} is an IP address: --aggregator-server-name must say which name its certificate carries`,
      ];
}
