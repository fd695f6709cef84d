import { type FlagValues, optionalText, text, textList } from '@tacho/command-line';

/** Where the aggregator is and how both prove themselves: flags of every program that pushes. */
export const aggregatorFlags = {
  aggregator: textList({
    help: 'Where the aggregator is, host:port; a name may stand for several replicas. Each gets a stream of its own, and tells of the others.',
    placeholder: 'HOST:PORT',
    env: 'TACHO_AGGREGATOR',
    required: true,
    shape: {
      // Ports 1 to 65535.
      pattern:
        /^(?:\[[\da-fA-F:.]+\]|[^:[\]/]+):(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
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

const ipTarget = /^(?:\[.*\]|\d+\.\d+\.\d+\.\d+):\d+$/;

/** Problems between flags that are well by themselves. */
export function aggregatorRelations(values: Partial<FlagValues<typeof aggregatorFlags>>): readonly string[] {
  const { aggregator = [], 'aggregator-server-name': serverName } = values;
  const address = aggregator.find((target) => ipTarget.test(target));
  // TLS has names only (RFC 6066 section 3): without one no certificate could be verified.
  return address === undefined || serverName !== undefined
    ? []
    : [
        `--aggregator=${address} is an IP address: --aggregator-server-name must say which name its certificate carries`,
      ];
}
