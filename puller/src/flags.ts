import {
  boolean,
  duration,
  type FlagValues,
  integer,
  optionalText,
  text,
  textList,
} from '@tacho/command-line';
import { aggregatorFlags, aggregatorRelations } from '../../push/src/aggregator-flags.ts';
import { addressTypes } from './kubelet/kubelet-url.ts';

/** What `tacho-puller --help` starts with. */
export const summary =
  'Reads the kubelets (/metrics/resource) of the nodes that have no agent, turns their counters into rates and pushes them to the ' +
  'tacho aggregator. Which nodes these are is the aggregator’s to say.';

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What is taken where `--kubelet-preferred-address-types` is not given: as metrics-server's own manifest has it. */
const usualAddressTypes: readonly string[] = ['InternalIP', 'ExternalIP', 'Hostname'];

/** The puller's flags; the `--kubelet-…` mean what they mean to metrics-server. @param hostname in a pod the pod's name */
export const pullerFlags = (hostname: string) => ({
  ...aggregatorFlags,
  'puller-name': text({
    help: 'Name of this pod: the pullers share the nodes by it, and the token must be this pod’s.',
    placeholder: 'NAME',
    env: 'POD_NAME',
    default: hostname,
  }),
  'pull-period': duration({
    help: 'How often each kubelet is asked. It samples each 10 to 20 s whoever asks: more often brings the same sample again, more seldom leaves it lying.',
    default: '10s',
    min: '1s',
    max: '60s',
  }),
  'kubelet-preferred-address-types': textList({
    help: `Which of a node’s addresses is taken, the first that it has. Default ${usualAddressTypes.join()}.`,
    placeholder: 'TYPE,…',
    shape: {
      pattern: new RegExp(`^(?:${addressTypes.join('|')})$`),
      expected: `some of ${addressTypes.join(', ')}`,
    },
  }),
  'kubelet-port': integer({
    help: 'Port of the kubelets.',
    min: 1,
    max: 65_535,
    default: 10_250,
  }),
  'kubelet-use-node-status-port': boolean({
    help: 'Take the port in the node’s status, where it has one, before --kubelet-port.',
    default: false,
  }),
  'kubelet-certificate-authority': text({
    help: 'PEM bundle of the CA that the kubelets’ certificates must chain to. Read anew for each connection.',
    placeholder: 'FILE',
    default: `${serviceAccount}/ca.crt`,
  }),
  'kubelet-client-certificate': optionalText({
    help: 'PEM certificate by which the puller proves itself to kubelets, instead of a token; with --kubelet-client-key.',
    placeholder: 'FILE',
  }),
  'kubelet-client-key': optionalText({
    help: 'Its private key.',
    placeholder: 'FILE',
  }),
  'kubelet-token-file': text({
    help: 'Token of the pod’s ServiceAccount, shown to kubelets that were verified. Read anew for each request.',
    placeholder: 'FILE',
    default: `${serviceAccount}/token`,
  }),
  'kubelet-insecure-tls': boolean({
    help: 'Do not verify kubelets. Whoever answers at a node’s address is then believed, and shown a token with which the metrics of every node can be read.',
    default: false,
  }),
  'kubelet-request-timeout': duration({
    help: 'How long all of a request to a kubelet may take.',
    default: '10s',
    min: '100ms',
    max: '60s',
  }),
  'health-port': integer({
    help: 'Port of /livez, /readyz and /metrics; 0: none. When it is taken the puller says so and goes on without.',
    min: 0,
    max: 65_535,
    default: 10_253,
  }),
  'health-bind-address': text({
    help: 'Address of that port. On :: the kubelet’s probes and everybody whom the network lets through read, without a password, how the puller itself is: no name of a node or a pod is in it.',
    placeholder: 'ADDRESS',
    default: '::',
  }),
});

/** Problems between flags that are well by themselves. */
export function flagRelations(
  values: Partial<FlagValues<ReturnType<typeof pullerFlags>>>,
): readonly string[] {
  const { 'kubelet-client-certificate': certificate, 'kubelet-client-key': key } = values;
  const problems = [...aggregatorRelations(values)];
  if ((certificate === undefined) !== (key === undefined)) {
    problems.push('--kubelet-client-certificate and --kubelet-client-key belong together: give both or none');
  }
  return problems;
}

/** The types in the order in which they are taken. */
export function preferredAddressTypes(given: readonly string[]): readonly string[] {
  return given.length === 0 ? usualAddressTypes : given;
}
